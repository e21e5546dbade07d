import pytest

from odoo.addons.shipment_visibility.canonical.milestone import (
    MILESTONES,
    REOPENS,
    Code,
    Phase,
)
from odoo.addons.shipment_visibility.canonical.schema import Source

from .story import at, corrected, on_day, saw, told

TERMINAL = [row.code for row in MILESTONES.values() if row.terminal]
STATES = [
    row.code for row in MILESTONES.values() if row.kind == "state" and not row.soft
]
NO_STATES = [row.code for row in MILESTONES.values() if row.kind != "state"]


def test_nothing_observed_is_unknown():
    timeline = told()
    assert (timeline.headline, timeline.headline_at) == (Code.UNKNOWN, None)
    assert (timeline.phase, timeline.last_event_at) == (Phase.NONE, None)
    assert timeline.parcels["A"].code == Code.UNKNOWN


def test_the_latest_state_is_the_headline():
    timeline = told(saw(Code.PICKED_UP, 1), saw(Code.OUT_FOR_DELIVERY, 30))
    assert (timeline.headline, timeline.headline_at) == (Code.OUT_FOR_DELIVERY, at(30))
    assert timeline.phase == Phase.LAST_MILE
    assert timeline.parcels["A"].at == at(30)


def test_late_news_is_kept_and_does_not_move_the_present():
    timeline = told(saw(Code.OUT_FOR_DELIVERY, 30), saw(Code.ARRIVED, 20))
    assert timeline.headline == Code.OUT_FOR_DELIVERY
    assert len(timeline.entries) == 2


def test_rank_is_no_ratchet():
    timeline = told(
        saw(Code.OUT_FOR_DELIVERY, 8),
        saw(Code.ATTEMPT_FAILED, 12),
        saw(Code.ARRIVED, 18),
    )
    assert timeline.headline == Code.ARRIVED


def test_rank_breaks_a_tie_of_time():
    timeline = told(saw(Code.OUT_FOR_DELIVERY, 8), saw(Code.ARRIVED, 8))
    assert timeline.headline == Code.OUT_FOR_DELIVERY


@pytest.mark.parametrize("code", NO_STATES)
def test_overlays_and_information_never_move_the_headline(code):
    timeline = told(saw(Code.ARRIVED, 3), saw(code, 9))
    assert (timeline.headline, timeline.headline_at) == (Code.ARRIVED, at(3))
    assert timeline.last_event_at == at(9)
    assert [entry.moves_headline for entry in timeline.entries] == [True, False]


@pytest.mark.parametrize("terminal", TERMINAL)
@pytest.mark.parametrize("code", STATES)
def test_only_the_named_events_reopen_a_terminal_state(terminal, code):
    timeline = told(saw(terminal, 9), saw(code, 10))
    reopened = code in REOPENS[terminal]
    assert timeline.headline == (code if reopened else terminal)
    assert timeline.headline_at == at(10 if reopened else 9)


def test_reopening_takes_a_strictly_newer_event():
    timeline = told(saw(Code.DELIVERED, 9), saw(Code.RETURNING, 9))
    assert timeline.headline == Code.DELIVERED


def test_a_second_proof_of_delivery_does_not_move_the_delivery():
    timeline = told(saw(Code.DELIVERED, 9), saw(Code.DELIVERED, 11, signer="M. Weber"))
    assert (timeline.headline_at, timeline.delivered_at) == (at(9), at(9))
    assert timeline.signer == "M. Weber"


def test_a_repeated_state_is_confirmed_by_its_latest_scan():
    timeline = told(
        saw(Code.ARRIVED, 3, location="Lyon"), saw(Code.ARRIVED, 9, location="Nice")
    )
    assert timeline.headline_at == timeline.parcels["A"].at == at(9)


def test_expired_never_overrides():
    timeline = told(saw(Code.ARRIVED, 3), saw(Code.EXPIRED, 900))
    assert timeline.headline == Code.ARRIVED


def test_expired_is_told_as_long_as_nothing_else_is_known():
    assert told(saw(Code.EXPIRED, 900)).headline == Code.EXPIRED
    assert told(saw(Code.EXPIRED, 9), saw(Code.ARRIVED, 10)).headline == Code.ARRIVED


def test_a_label_says_nothing_of_a_parcel_that_has_moved():
    timeline = told(saw(Code.PICKED_UP, 3), saw(Code.INFO_RECEIVED, 9))
    assert (timeline.headline, timeline.headline_at) == (Code.PICKED_UP, at(3))
    assert told(saw(Code.EXPIRED, 3), saw(Code.INFO_RECEIVED, 9)).headline == (
        Code.INFO_RECEIVED
    )


def test_a_person_may_say_that_only_the_label_is_true():
    timeline = told(saw(Code.PICKED_UP, 3), corrected(Code.INFO_RECEIVED, 9))
    assert timeline.headline == Code.INFO_RECEIVED


def test_a_correction_leads_out_of_a_terminal_state():
    timeline = told(saw(Code.DELIVERED, 9), corrected(Code.IN_TRANSIT, 10))
    assert timeline.headline == Code.IN_TRANSIT
    assert (timeline.delivered_at, timeline.signer) == (None, "")


def test_a_correction_outranks_what_is_as_old_as_itself():
    timeline = told(saw(Code.DELIVERED, 9), corrected(Code.IN_TRANSIT, 9))
    assert timeline.headline == Code.IN_TRANSIT


def test_a_correction_holds_until_a_newer_event():
    timeline = told(
        saw(Code.DELIVERED, 9), corrected(Code.IN_TRANSIT, 10), saw(Code.DELIVERED, 30)
    )
    assert (timeline.headline, timeline.delivered_at) == (Code.DELIVERED, at(30))


def test_a_correction_of_the_past_does_not_move_the_present():
    timeline = told(saw(Code.OUT_FOR_DELIVERY, 9), corrected(Code.ARRIVED, 8))
    assert timeline.headline == Code.OUT_FOR_DELIVERY


def test_what_a_person_states_without_a_reason_corrects_nothing():
    stated = saw(Code.IN_TRANSIT, 10, source=Source.MANUAL)
    assert told(saw(Code.DELIVERED, 9), stated).headline == Code.DELIVERED


def test_a_delivery_whose_day_is_all_we_know():
    timeline = told(on_day(Code.PICKED_UP, 0), on_day(Code.DELIVERED, 1))
    assert (timeline.delivered_at, timeline.picked_up_at) == (at(24), at(0))


def test_picked_up_is_never_guessed_from_a_later_scan():
    assert told(saw(Code.DEPARTED, 3)).picked_up_at is None


def test_a_pick_up_after_the_end_is_none():
    timeline = told(saw(Code.DELIVERED, 3), saw(Code.PICKED_UP, 9))
    assert timeline.picked_up_at is None


def test_delivery_and_signer_are_told_of_what_is_delivered_now():
    delivered = saw(Code.DELIVERED, 9, signer="M. Weber")
    timeline = told(delivered)
    assert (timeline.delivered_at, timeline.signer) == (at(9), "M. Weber")
    timeline = told(delivered, saw(Code.RETURNING, 30))
    assert (timeline.delivered_at, timeline.signer) == (None, "")


def test_a_signer_of_an_earlier_delivery_is_not_the_signer_of_this_one():
    timeline = told(
        saw(Code.DELIVERED, 9, signer="the neighbour"),
        saw(Code.RETURNING, 30),
        saw(Code.DELIVERED, 50),
    )
    assert (timeline.headline, timeline.signer) == (Code.DELIVERED, "")


def test_a_return_that_is_back_at_the_shipper_is_delivered():
    back = saw(Code.RETURNED, 9)
    timeline = told(back, direction="return")
    assert (timeline.headline, timeline.delivered_at) == (Code.DELIVERED, at(9))
    assert timeline.exceptions == ()
    assert told(back).headline == Code.RETURNED


def test_a_return_on_its_way_back_is_no_trouble():
    timeline = told(saw(Code.RETURNING, 9), direction="return")
    assert (timeline.headline, timeline.exceptions) == (Code.RETURNING, ())


def test_an_inbound_shipment_is_delivered_by_delivered():
    timeline = told(saw(Code.DELIVERED, 9), direction="inbound")
    assert timeline.headline == Code.DELIVERED


def test_a_shipment_without_parcels_stands_for_one():
    timeline = told(
        saw(Code.DELIVERED, 9, None), saw(Code.ARRIVED, 10, None), parcels=""
    )
    assert (timeline.headline, dict(timeline.parcels)) == (Code.DELIVERED, {})
