"""Every word of a scheme is counted under a word of its own kind, with the right answer."""

import pytest

from odoo.addons.shipment_visibility_carriers.adapters.signature import SignatureError
from odoo.addons.shipment_visibility_webhooks.gateway import refusals


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("no secret is set", "no_secret"),
        ("not signed", "unsigned"),
        ("signed more than once", "doubled"),
        ("signed too long ago, or in the future", "stale"),
        ("wrong signature", "wrong"),
        ("unreadable signature", "unreadable"),
        ("something a scheme of tomorrow says", "signature"),
    ],
)
def test_a_signature_is_refused_with_a_reason_and_401(words, reason):
    refusal = refusals.of_signature(SignatureError(words))
    assert (refusal.reason, refusal.status) == (reason, 401)
    assert refusal.answer == "refused", "a stranger is not told how near he was"


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (refusals.UNKNOWN, 404),
        (refusals.TOO_LARGE, 413),
        (refusals.BROKEN_OFF, 400),
        (refusals.ADDRESS, 403),
        (refusals.RATE, 429),
        (refusals.SOURCE, 429),
    ],
)
def test_other_refusals_have_their_status(reason, status):
    refusal = refusals.Refusal(reason)
    assert refusal.status == status
    assert refusal.is_pressure is (status == 429)


def test_who_has_to_wait_is_told_whole_seconds():
    assert refusals.Refusal(refusals.RATE, 0.01).wait == 1
    assert refusals.Refusal(refusals.RATE, 2.5).wait == 3
    assert refusals.Refusal(refusals.UNKNOWN).wait == 0
