import pytest

from odoo.addons.shipment_visibility.canonical.milestone import MILESTONES, Code
from odoo.addons.shipment_visibility.canonical.timeline import (
    MOVED_AFTER_CANCELLATION,
)

from .story import at, corrected, saw, told

OVERLAYS = [row.code for row in MILESTONES.values() if row.kind == "overlay"]


def _spans(timeline):
    return [(e.code, e.opened_at, e.closed_at) for e in timeline.exceptions]


@pytest.mark.parametrize("code", OVERLAYS)
def test_an_overlay_opens_an_exception(code):
    timeline = told(saw(Code.PICKED_UP, 1), saw(code, 3, reason="weather"))
    (opened,) = timeline.exceptions
    assert (opened.code, opened.opened_at, opened.closed_at) == (code, at(3), None)
    assert (opened.reason, opened.package) == ("weather", "A")


@pytest.mark.parametrize("code", OVERLAYS)
def test_the_next_state_closes_it(code):
    timeline = told(saw(code, 3), saw(Code.ARRIVED, 9), saw(Code.DEPARTED, 12))
    assert _spans(timeline) == [(code, at(3), at(9))]


def test_a_state_of_the_same_moment_does_not_close_it():
    timeline = told(saw(Code.DELIVERED, 9), saw(Code.DAMAGED, 9))
    assert _spans(timeline) == [(Code.DAMAGED, at(9), None)]


def test_information_does_not_close_it():
    timeline = told(saw(Code.ON_HOLD, 3), saw(Code.DELIVERY_SCHEDULED, 9))
    assert timeline.exceptions[0].closed_at is None


def test_damage_after_delivery_opens_an_exception_and_leaves_the_headline():
    timeline = told(
        saw(Code.DELIVERED, 9), saw(Code.DAMAGED, 30), saw(Code.DELIVERED, 31)
    )
    assert timeline.headline == Code.DELIVERED
    assert _spans(timeline) == [(Code.DAMAGED, at(30), None)]


def test_an_overlay_repeated_while_open_opens_no_other():
    timeline = told(saw(Code.DELAYED, 3), saw(Code.DELAYED, 5), saw(Code.ARRIVED, 9))
    assert _spans(timeline) == [(Code.DELAYED, at(3), at(9))]


def test_an_overlay_that_comes_again_opens_another_with_the_next_number():
    timeline = told(saw(Code.DELAYED, 3), saw(Code.ARRIVED, 5), saw(Code.DELAYED, 9))
    assert [e.key for e in timeline.exceptions] == ["delayed/A/1", "delayed/A/2"]


def test_two_kinds_of_trouble_are_two_exceptions():
    timeline = told(saw(Code.DELAYED, 3), saw(Code.CUSTOMS_HELD, 4))
    assert len(timeline.exceptions) == 2


def test_a_state_of_trouble_is_over_when_the_parcel_leaves_it():
    timeline = told(
        saw(Code.ATTEMPT_FAILED, 3, reason="consignee_not_home"),
        saw(Code.ATTEMPT_FAILED, 5),
        saw(Code.OUT_FOR_DELIVERY, 9),
    )
    assert _spans(timeline) == [(Code.ATTEMPT_FAILED, at(3), at(9))]
    assert timeline.exceptions[0].reason == "consignee_not_home"


def test_a_parcel_that_comes_back_stays_an_exception():
    timeline = told(saw(Code.RETURNING, 3), saw(Code.RETURNED, 9))
    assert _spans(timeline) == [
        (Code.RETURNING, at(3), at(9)),
        (Code.RETURNED, at(9), None),
    ]


def test_a_state_of_trouble_that_does_not_move_the_headline_is_none():
    timeline = told(saw(Code.DELIVERED, 9), saw(Code.ATTEMPT_FAILED, 10))
    assert timeline.exceptions == ()


def test_a_source_that_stops_tracking_what_is_open_is_trouble():
    timeline = told(saw(Code.ARRIVED, 3), saw(Code.EXPIRED, 900))
    assert _spans(timeline) == [(Code.EXPIRED, at(900), None)]


def test_a_source_that_stops_tracking_what_has_ended_is_none():
    assert told(saw(Code.DELIVERED, 3), saw(Code.EXPIRED, 900)).exceptions == ()


def test_a_scan_after_cancellation_moves_the_headline_and_is_an_anomaly():
    timeline = told(
        saw(Code.CANCELLED, 3), saw(Code.PICKED_UP, 9), saw(Code.DELIVERED, 30)
    )
    assert timeline.headline == Code.DELIVERED
    (anomaly,) = timeline.exceptions
    assert (anomaly.code, anomaly.reason) == (Code.CANCELLED, MOVED_AFTER_CANCELLATION)
    assert (anomaly.opened_at, anomaly.closed_at) == (at(9), None)


def test_a_person_who_corrects_a_cancellation_makes_no_anomaly():
    timeline = told(saw(Code.CANCELLED, 3), corrected(Code.PICKED_UP, 9))
    assert (timeline.headline, timeline.exceptions) == (Code.PICKED_UP, ())


def test_nothing_goes_wrong_with_a_cancelled_parcel():
    assert told(saw(Code.CANCELLED, 3), saw(Code.DELAYED, 9)).exceptions == ()


def test_cancellation_closes_what_was_wrong():
    timeline = told(saw(Code.DELAYED, 3), saw(Code.CANCELLED, 9))
    assert _spans(timeline) == [(Code.DELAYED, at(3), at(9))]


def test_trouble_of_one_parcel_is_not_closed_by_another():
    timeline = told(saw(Code.DELAYED, 3, "A"), saw(Code.ARRIVED, 9, "B"), parcels="AB")
    assert timeline.exceptions[0].closed_at is None


def test_trouble_of_the_whole_is_one_exception_that_ends_with_the_last_parcel():
    held = saw(Code.CUSTOMS_HELD, 3, None)
    one_free = saw(Code.CUSTOMS_CLEARED, 9, "A")
    timeline = told(held, one_free, parcels="AB")
    assert _spans(timeline) == [(Code.CUSTOMS_HELD, at(3), None)]
    assert timeline.exceptions[0].key == "customs_held//1"

    timeline = told(held, one_free, saw(Code.CUSTOMS_CLEARED, 12, "B"), parcels="AB")
    assert _spans(timeline) == [(Code.CUSTOMS_HELD, at(3), at(12))]


def test_trouble_repeated_of_the_whole_waits_for_every_parcel_again():
    timeline = told(
        saw(Code.CUSTOMS_HELD, 3, None),
        saw(Code.CUSTOMS_PROCESSING, 5, "A"),
        saw(Code.CUSTOMS_HELD, 6, None),
        saw(Code.CUSTOMS_CLEARED, 9, "B"),
        parcels="AB",
    )
    assert _spans(timeline) == [(Code.CUSTOMS_HELD, at(3), None)]


def test_exceptions_come_in_the_same_order_however_the_parcels_are_listed():
    moved = saw(Code.CANCELLED, 3, None), saw(Code.PICKED_UP, 9, None)
    assert told(*moved, parcels="AB") == told(*moved, parcels="BA")


def test_a_partial_delivery_is_an_exception_of_the_whole_until_complete():
    first = saw(Code.DELIVERED, 9, "A", reason="left with the neighbour")
    timeline = told(first, parcels="AB")
    assert timeline.exceptions[0].reason == ""
    assert _spans(timeline) == [(Code.PARTIALLY_DELIVERED, at(9), None)]
    assert timeline.exceptions[0].package is None

    timeline = told(first, saw(Code.DELIVERED, 33, "B"), parcels="AB")
    assert _spans(timeline) == [(Code.PARTIALLY_DELIVERED, at(9), at(33))]


def test_a_partial_delivery_reported_by_the_carrier_is_the_same_exception():
    timeline = told(saw(Code.PARTIALLY_DELIVERED, 9, reason="shortage"))
    (opened,) = timeline.exceptions
    assert (opened.key, opened.reason) == ("partially_delivered//1", "shortage")


def test_parcels_delivered_in_the_same_second_were_never_partial():
    timeline = told(
        saw(Code.DELIVERED, 9, "A"), saw(Code.DELIVERED, 9, "B"), parcels="AB"
    )
    assert timeline.exceptions == ()


def test_a_better_observation_of_the_same_trouble_keeps_its_key():
    vague, better = saw(Code.DELAYED, 3, key="9"), saw(Code.DELAYED, 3, key="1")
    (one,) = told(vague).exceptions
    (same,) = told(vague, better).exceptions
    assert one.key == same.key
