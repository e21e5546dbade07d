"""When it is too late for something to happen."""

import datetime as dt

import pytest

from odoo.addons.shipment_visibility.canonical.exception_type import (
    ExceptionType,
    exception_type,
)
from odoo.addons.shipment_visibility.canonical.facts import MOVED_AFTER_CANCELLATION
from odoo.addons.shipment_visibility.canonical.milestone import MILESTONES, Code
from odoo.addons.shipment_visibility.canonical.watch import Expectation, Promises, due

from .story import at, saw, told

LABELLED = saw(Code.INFO_RECEIVED, 1)
PICKED_UP = saw(Code.PICKED_UP, 2)


def hours(count):
    return dt.timedelta(hours=count)


def watch(kind, *seen, promised_at=None, document=False, **options):
    expectation = Expectation(kind, 24, **options)
    return due(expectation, told(*seen), Promises(promised_at, document))


def test_what_is_labelled_has_to_be_scanned():
    assert watch("handover", LABELLED) == at(1) + hours(24)
    assert watch("handover", LABELLED, PICKED_UP) is None
    assert watch("handover") is None


def test_what_is_under_way_has_to_be_heard_of():
    assert watch("silence", LABELLED) is None
    assert watch("silence", LABELLED, PICKED_UP) == at(2) + hours(24)
    assert watch("silence", PICKED_UP, saw(Code.ARRIVED, 5)) == at(5) + hours(24)
    assert watch("silence", PICKED_UP, saw(Code.DELIVERED, 5)) is None


def test_a_promise_is_kept_or_due():
    assert watch("promise", PICKED_UP, promised_at=at(9)) == at(9) + hours(24)
    assert watch("promise", PICKED_UP) is None
    assert watch("promise", saw(Code.DELIVERED, 5), promised_at=at(9)) is None


def test_delivered_needs_a_proof():
    assert watch("proof", saw(Code.DELIVERED, 5)) == at(5) + hours(24)
    assert watch("proof", saw(Code.DELIVERED, 5, signer="C. Exemple")) is None
    assert watch("proof", saw(Code.DELIVERED, 5, photo_url="https://x.example")) is None
    assert watch("proof", saw(Code.DELIVERED, 5), document=True) is None
    assert watch("proof", PICKED_UP) is None


def test_a_milestone_follows_another():
    steps = {"after": Code.PICKED_UP, "expected": Code.ARRIVED}
    assert watch("milestone", LABELLED, **steps) is None
    assert watch("milestone", PICKED_UP, **steps) == at(2) + hours(24)
    assert watch("milestone", PICKED_UP, saw(Code.ARRIVED, 4), **steps) is None
    beyond = saw(Code.OUT_FOR_DELIVERY, 4)
    assert watch("milestone", PICKED_UP, beyond, **steps) is None


@pytest.mark.parametrize("row", MILESTONES.values(), ids=lambda row: row.code)
def test_every_trouble_has_a_type(row):
    if row.exception:
        assert exception_type(row.code) in ExceptionType


def test_a_reason_tells_refused_and_address_from_the_rest():
    assert exception_type(Code.ATTEMPT_FAILED) == "failed_attempt"
    assert exception_type(Code.ATTEMPT_FAILED, "consignee_refused") == "refused"
    assert exception_type(Code.ON_HOLD, "consignee_incorrect_address") == "address"
    assert exception_type(Code.DAMAGED, "refused") == "damage"
    assert exception_type(Code.CANCELLED, MOVED_AFTER_CANCELLATION) == "void_failed"
