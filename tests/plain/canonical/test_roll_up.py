import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.replay import roll_up

from .story import at, corrected, saw, told


@pytest.mark.parametrize(
    ("parcels", "whole"),
    [
        ([Code.DELIVERED, Code.DELIVERED], Code.DELIVERED),
        ([Code.LOST, Code.LOST], Code.LOST),
        ([Code.CANCELLED, Code.ARRIVED], Code.ARRIVED),
        ([Code.CANCELLED, Code.DELIVERED], Code.DELIVERED),
        ([Code.CANCELLED, Code.CANCELLED], Code.CANCELLED),
        ([], Code.CANCELLED),
        ([Code.DELIVERED, Code.OUT_FOR_DELIVERY], Code.PARTIALLY_DELIVERED),
        ([Code.DELIVERED, Code.LOST], Code.PARTIALLY_DELIVERED),
        ([Code.DELIVERED, Code.RETURNED], Code.PARTIALLY_DELIVERED),
        ([Code.DELIVERED, Code.UNKNOWN], Code.PARTIALLY_DELIVERED),
        ([Code.PARTIALLY_DELIVERED, Code.ARRIVED], Code.PARTIALLY_DELIVERED),
        ([Code.OUT_FOR_DELIVERY, Code.PICKED_UP], Code.PICKED_UP),
        ([Code.ARRIVED, Code.DEPARTED], Code.DEPARTED),
        ([Code.RETURNING, Code.IN_TRANSIT], Code.IN_TRANSIT),
        ([Code.LOST, Code.RETURNED], Code.LOST),
        ([Code.UNKNOWN, Code.IN_TRANSIT], Code.UNKNOWN),
    ],
)
def test_roll_up(parcels, whole):
    assert roll_up(parcels) == roll_up(parcels[::-1]) == whole


def test_the_shipment_is_delivered_with_its_last_parcel():
    timeline = told(
        saw(Code.DELIVERED, 9, "A"), saw(Code.DELIVERED, 33, "B"), parcels="AB"
    )
    assert (timeline.headline, timeline.headline_at) == (Code.DELIVERED, at(33))
    assert timeline.delivered_at == at(33)
    assert timeline.parcels["A"].at == at(9)


def test_the_shipment_is_picked_up_with_its_first_parcel():
    timeline = told(
        saw(Code.PICKED_UP, 9, "A"), saw(Code.PICKED_UP, 7, "B"), parcels="AB"
    )
    assert timeline.picked_up_at == at(7)


def test_a_partial_delivery_is_not_delivered():
    timeline = told(
        saw(Code.DELIVERED, 9, "A", signer="M. Weber"),
        saw(Code.ARRIVED, 8, "B"),
        parcels="AB",
    )
    assert (timeline.headline, timeline.headline_at) == (
        Code.PARTIALLY_DELIVERED,
        at(9),
    )
    assert timeline.delivered_at is None
    assert timeline.signer == "M. Weber"


def test_a_cancelled_parcel_is_ignored():
    timeline = told(
        saw(Code.CANCELLED, 1, "B"),
        saw(Code.DELAYED, 8, "B"),
        saw(Code.DELIVERED, 9, "A"),
        parcels="AB",
    )
    assert (timeline.headline, timeline.headline_at) == (Code.DELIVERED, at(9))
    assert timeline.exceptions == ()


def test_when_all_parcels_are_cancelled_so_is_the_shipment():
    timeline = told(
        saw(Code.CANCELLED, 1, "A"), saw(Code.CANCELLED, 2, "B"), parcels="AB"
    )
    assert timeline.headline == Code.CANCELLED


def test_a_parcel_cancelled_after_the_others_arrived_completes_the_delivery():
    timeline = told(
        saw(Code.DELIVERED, 9, "A"), saw(Code.CANCELLED, 20, "B"), parcels="AB"
    )
    assert (timeline.headline, timeline.delivered_at) == (Code.DELIVERED, at(9))


def test_the_events_of_a_void_label_show_when_the_void_failed():
    timeline = told(
        saw(Code.DELIVERED, 9, "A"),
        saw(Code.CANCELLED, 1, "B"),
        saw(Code.ARRIVED, 8, "B"),
        parcels="AB",
    )
    assert timeline.headline == Code.PARTIALLY_DELIVERED


def test_a_parcel_only_known_from_an_observation_counts():
    timeline = told(saw(Code.DELIVERED, 9, "A"), saw(Code.ARRIVED, 8, "X"))
    assert timeline.headline == Code.PARTIALLY_DELIVERED
    assert set(timeline.parcels) == {"A", "X"}


def test_the_master_number_speaks_for_all_parcels():
    timeline = told(saw(Code.DELIVERED, 9, None), parcels="AB")
    assert timeline.headline == Code.DELIVERED
    assert {p.code for p in timeline.parcels.values()} == {Code.DELIVERED}


def test_the_master_number_does_not_undo_what_a_parcel_tells_later():
    timeline = told(
        saw(Code.ARRIVED, 9, None), saw(Code.OUT_FOR_DELIVERY, 10, "A"), parcels="AB"
    )
    assert timeline.parcels["A"].code == Code.OUT_FOR_DELIVERY
    assert timeline.parcels["B"].code == Code.ARRIVED


def test_a_delivered_master_does_not_deliver_a_parcel_that_is_scanned_later():
    timeline = told(
        saw(Code.DELIVERED, 9, None),
        saw(Code.ARRIVED, 10, "B"),
        parcels="AB",
    )
    assert timeline.parcels["A"].code == Code.DELIVERED
    assert timeline.parcels["B"].code == Code.ARRIVED
    assert timeline.headline == Code.PARTIALLY_DELIVERED


def test_a_later_delivery_of_its_own_dates_the_delivery_of_a_parcel():
    timeline = told(
        saw(Code.DELIVERED, 9, None), saw(Code.DELIVERED, 33, "B"), parcels="AB"
    )
    assert timeline.parcels["B"].at == timeline.delivered_at == at(33)


def test_a_parcel_that_turns_back_later_had_been_delivered_with_the_master():
    timeline = told(
        saw(Code.DELIVERED, 9, None), saw(Code.RETURNING, 33, "B"), parcels="AB"
    )
    assert timeline.parcels["B"].code == Code.RETURNING
    assert [o.code for o in timeline.occurrences][0] == Code.DELIVERED


@pytest.mark.parametrize(
    "code",
    [Code.DAMAGED, Code.DELIVERY_SCHEDULED, Code.EXPIRED, Code.INFO_RECEIVED],
)
def test_what_moves_no_parcel_does_not_stand_against_the_master(code):
    timeline = told(saw(Code.DELIVERED, 9, None), saw(code, 10, "B"), parcels="AB")
    assert timeline.headline == Code.DELIVERED


def test_the_cancellation_of_the_whole_holds_against_a_late_notice():
    timeline = told(
        saw(Code.CANCELLED, 9, None), saw(Code.PICKUP_SCHEDULED, 10, "B"), parcels="AB"
    )
    assert timeline.headline == Code.CANCELLED


def test_a_correction_of_the_whole_corrects_every_parcel():
    timeline = told(
        saw(Code.DELIVERED, 9, "A"),
        saw(Code.DELIVERED, 9, "B"),
        corrected(Code.IN_TRANSIT, 10, None),
        parcels="AB",
    )
    assert timeline.headline == Code.IN_TRANSIT
