"""What the rules of the ledger act on: the n-th time a code occurs to the shipment."""

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Source

from .story import corrected, happened, saw, told


def test_each_state_the_shipment_comes_to_occurs_once():
    timeline = told(
        saw(Code.PICKED_UP, 1), saw(Code.ARRIVED, 5), saw(Code.DELIVERED, 9)
    )
    assert [(o.code, o.number) for o in timeline.occurrences] == [
        (Code.PICKED_UP, 1),
        (Code.ARRIVED, 1),
        (Code.DELIVERED, 1),
    ]
    assert timeline.occurrences[2].entry_key == timeline.entries[2].key


def test_a_second_scan_in_a_row_is_no_second_occurrence():
    timeline = told(
        saw(Code.ARRIVED, 5, location="Lyon"),
        saw(Code.ARRIVED, 5, location="LYON 7e", source=Source.POLL),
        saw(Code.ARRIVED, 8, location="Nice"),
    )
    assert happened(timeline, Code.ARRIVED) == [(1, 5)]


def test_a_state_that_comes_again_after_another_is_the_second_occurrence():
    timeline = told(
        saw(Code.OUT_FOR_DELIVERY, 8),
        saw(Code.ATTEMPT_FAILED, 12),
        saw(Code.OUT_FOR_DELIVERY, 32),
    )
    assert happened(timeline, Code.OUT_FOR_DELIVERY) == [(1, 8), (2, 32)]


def test_a_proof_that_follows_the_delivery_is_no_second_delivery():
    timeline = told(saw(Code.DELIVERED, 9), saw(Code.DELIVERED, 11, signer="M. Weber"))
    assert happened(timeline, Code.DELIVERED) == [(1, 9)]


def test_late_news_numbers_the_past_anew():
    first, second = saw(Code.OUT_FOR_DELIVERY, 8), saw(Code.OUT_FOR_DELIVERY, 32)
    assert happened(told(first, second), Code.OUT_FOR_DELIVERY) == [(1, 8)]
    timeline = told(first, second, saw(Code.ATTEMPT_FAILED, 12))
    assert happened(timeline, Code.OUT_FOR_DELIVERY) == [(1, 8), (2, 32)]


def test_late_news_after_the_end_does_not_occur():
    timeline = told(saw(Code.DELIVERED, 9), saw(Code.OUT_FOR_DELIVERY, 10))
    assert happened(timeline, Code.OUT_FOR_DELIVERY) == []


def test_the_invoice_waits_for_the_last_parcel():
    first, last = saw(Code.DELIVERED, 9, "A"), saw(Code.DELIVERED, 33, "B")
    assert happened(told(first, parcels="AB"), Code.DELIVERED) == []
    assert happened(told(first, last, parcels="AB"), Code.DELIVERED) == [(1, 33)]


def test_the_invoice_does_not_wait_for_a_cancelled_parcel():
    timeline = told(
        saw(Code.CANCELLED, 1, "B"), saw(Code.DELIVERED, 9, "A"), parcels="AB"
    )
    assert happened(timeline, Code.DELIVERED) == [(1, 9)]


def test_a_delivered_master_does_not_release_what_is_still_scanned_later():
    timeline = told(
        saw(Code.DELIVERED, 9, None), saw(Code.ARRIVED, 10, "B"), parcels="AB"
    )
    assert happened(timeline, Code.DELIVERED) == []


def test_the_label_notice_of_the_whole_stays_when_the_parcels_move():
    timeline = told(
        saw(Code.INFO_RECEIVED, 1, None),
        saw(Code.DELIVERED, 9, "A"),
        saw(Code.DELIVERED, 9, "B"),
        parcels="AB",
    )
    assert happened(timeline, Code.INFO_RECEIVED) == [(1, 1)]


def test_a_delivery_taken_back_by_a_correction_and_made_again_is_the_second():
    timeline = told(
        saw(Code.DELIVERED, 9), corrected(Code.IN_TRANSIT, 10), saw(Code.DELIVERED, 33)
    )
    assert happened(timeline, Code.DELIVERED) == [(1, 9), (2, 33)]


def test_a_delivery_corrected_at_its_own_time_never_occurred():
    for truth in (Code.IN_TRANSIT, Code.RETURNING):
        timeline = told(saw(Code.DELIVERED, 9), corrected(truth, 9))
        assert happened(timeline, Code.DELIVERED) == []
        assert timeline.headline == truth


def test_a_state_of_trouble_occurs_once():
    timeline = told(saw(Code.ATTEMPT_FAILED, 9))
    assert happened(timeline, Code.ATTEMPT_FAILED) == [(1, 9)]


def test_trouble_of_one_parcel_occurs_to_the_shipment():
    timeline = told(saw(Code.LOST, 9, "A"), saw(Code.ARRIVED, 9, "B"), parcels="AB")
    assert timeline.headline == Code.ARRIVED
    assert happened(timeline, Code.LOST) == [(1, 9)]


def test_the_same_trouble_of_a_second_parcel_meanwhile_is_no_second_occurrence():
    timeline = told(
        saw(Code.CUSTOMS_HELD, 3, "A"), saw(Code.CUSTOMS_HELD, 4, "B"), parcels="AB"
    )
    assert happened(timeline, Code.CUSTOMS_HELD) == [(1, 3)]
    assert len(timeline.exceptions) == 2


def test_trouble_that_comes_again_is_the_second_occurrence():
    timeline = told(
        saw(Code.CUSTOMS_HELD, 3), saw(Code.ARRIVED, 4), saw(Code.CUSTOMS_HELD, 8)
    )
    assert happened(timeline, Code.CUSTOMS_HELD) == [(1, 3), (2, 8)]


def test_a_partial_delivery_occurs_when_the_first_of_several_parcels_is_there():
    timeline = told(saw(Code.DELIVERED, 9, "A"), parcels="AB")
    assert happened(timeline, Code.PARTIALLY_DELIVERED) == [(1, 9)]


def test_information_occurs_each_time_and_the_unknown_never():
    timeline = told(
        saw(Code.DELIVERY_SCHEDULED, 3),
        saw(Code.DELIVERY_SCHEDULED, 8),
        saw(Code.UNKNOWN, 9),
    )
    assert happened(timeline, Code.DELIVERY_SCHEDULED) == [(1, 3), (2, 8)]
    assert len(timeline.occurrences) == 2


def test_a_return_occurs_as_delivered_when_it_is_back():
    timeline = told(saw(Code.RETURNED, 9), direction="return")
    assert happened(timeline, Code.DELIVERED) == [(1, 9)]
    assert happened(timeline, Code.RETURNED) == []
