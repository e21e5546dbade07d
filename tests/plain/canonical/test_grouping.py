import datetime as dt
from itertools import permutations

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Precision, Source, Zone

from .story import at, codes, corrected, on_day, saw, told


def test_entries_are_told_oldest_first():
    timeline = told(
        saw(Code.DELIVERED, 9), saw(Code.PICKED_UP, 1), saw(Code.ARRIVED, 5)
    )
    assert codes(timeline) == [Code.PICKED_UP, Code.ARRIVED, Code.DELIVERED]


def test_in_one_moment_rank_then_number_then_key_decide():
    timeline = told(
        saw(Code.OUT_FOR_DELIVERY, 1),
        saw(Code.ARRIVED, 1, location="Lyon", key="2"),
        saw(Code.ARRIVED, 1, location="Nice", key="1"),
        saw(Code.DEPARTED, 1),
    )
    assert [(e.code, e.location) for e in timeline.entries] == [
        (Code.DEPARTED, ""),
        (Code.ARRIVED, "Nice"),
        (Code.ARRIVED, "Lyon"),
        (Code.OUT_FOR_DELIVERY, ""),
    ]


def test_a_poll_that_knows_the_signer_enriches_a_webhook_that_did_not():
    webhook = saw(Code.DELIVERED, 9, text="Delivered")
    poll = saw(Code.DELIVERED, 9, source=Source.POLL, text="POD", signer="M. Weber")
    (entry,) = told(webhook, poll).entries
    assert (entry.signer, entry.text) == ("M. Weber", "Delivered")
    assert entry.sources == (Source.WEBHOOK, Source.POLL)
    assert entry.observation_keys == tuple(sorted((webhook.key, poll.key)))


def test_of_conflicting_facts_the_most_trusted_source_wins():
    facts = [
        saw(Code.DELIVERED, 9, source=Source.FILE, signer="file", text="file"),
        saw(Code.DELIVERED, 9, source=Source.POLL, signer="poll", location="Rome"),
        saw(Code.DELIVERED, 9, source=Source.WEBHOOK, signer="webhook", text="hook"),
        saw(Code.DELIVERED, 9, source=Source.MANUAL, signer="manual"),
    ]
    (entry,) = told(*facts).entries
    assert (entry.signer, entry.text, entry.location) == ("manual", "hook", "Rome")


def test_another_parcel_code_place_or_time_is_another_thing():
    base = saw(Code.ARRIVED, 3, location="Lyon")
    others = [
        saw(Code.ARRIVED, 3, "B", location="Lyon"),
        saw(Code.DEPARTED, 3, location="Lyon"),
        saw(Code.ARRIVED, 3, location="Nice", key="nice"),
        saw(Code.ARRIVED, 3.01, location="Lyon"),
    ]
    for other in others:
        assert len(told(base, other, parcels="AB").entries) == 2


def test_places_are_compared_without_case():
    poll = saw(Code.ARRIVED, 3, location="LYON", source=Source.POLL)
    (entry,) = told(saw(Code.ARRIVED, 3, location="Lyon"), poll).entries
    assert entry.location == "Lyon"


def test_times_are_compared_at_the_coarser_precision_and_the_finer_is_kept():
    exact = saw(Code.DELIVERED, 9.2575)
    minute = saw(Code.DELIVERED, 9.25, precision=Precision.MINUTE, source=Source.MANUAL)
    (entry,) = told(on_day(Code.DELIVERED, 0), minute, exact).entries
    assert (entry.occurred_at, entry.precision) == (at(9.2575), Precision.SECOND)
    assert entry.sources[0] == Source.MANUAL


def test_fractions_of_a_second_are_no_difference():
    late = saw(Code.ARRIVED, 3 + 0.9 / 3600, source=Source.POLL)
    assert len(told(saw(Code.ARRIVED, 3), late).entries) == 1


def test_the_more_certain_zone_is_kept():
    for keys in ("12", "21"):
        local = saw(Code.ARRIVED, 3, zone=Zone.LOCAL, key=keys[0])
        known = saw(Code.ARRIVED, 3, source=Source.FILE, key=keys[1])
        (entry,) = told(local, known).entries
        assert entry.zone == Zone.KNOWN


def test_a_day_never_glues_two_precise_times_together():
    facts = [
        on_day(Code.ARRIVED, 0, key="1"),
        saw(Code.ARRIVED, 20, key="2"),
        saw(Code.ARRIVED, 8, key="3"),
    ]
    for order in permutations(facts):
        first, second = told(*order).entries
        assert (first.occurred_at, second.occurred_at) == (at(8), at(20))
        assert first.observation_keys == ("1", "3")


def test_an_unmapped_time_never_joins_another_through_a_day():
    facts = [
        on_day(Code.ARRIVED, 0, raw_code="AR"),
        saw(Code.UNKNOWN, 8, raw_code="AR"),
        saw(Code.UNKNOWN, 20, raw_code="AR"),
    ]
    arrived, unknown = told(*facts).entries
    assert (arrived.occurred_at, unknown.occurred_at) == (at(8), at(20))


def test_a_placeless_observation_never_glues_two_places_together():
    facts = [
        saw(Code.ARRIVED, 8, key="0"),
        saw(Code.ARRIVED, 8, location="Nice", key="1"),
        saw(Code.ARRIVED, 8, location="Lyon", key="2"),
    ]
    for order in permutations(facts):
        lyon, nice = sorted(told(*order).entries, key=lambda e: e.location)
        assert (lyon.observation_keys, nice.observation_keys) == (("0", "2"), ("1",))


def test_an_entry_keeps_its_place_when_a_placeless_observation_joins():
    timeline = told(
        saw(Code.ARRIVED, 8, location="Lyon", key="0"),
        saw(Code.ARRIVED, 8, key="1"),
        saw(Code.ARRIVED, 8, location="Nice", precision=Precision.MINUTE, key="2"),
    )
    assert {e.location for e in timeline.entries} == {"Lyon", "Nice"}


def test_two_tales_under_one_key_are_told_the_same_in_any_order():
    one, other = (saw(Code.ARRIVED, 8, key="0", text=text) for text in "ab")
    assert told(one, other) == told(other, one)


def test_an_unmapped_code_joins_what_another_source_has_mapped():
    mapped = saw(Code.DEPARTED, 3, raw_code="DP")
    unmapped = saw(Code.UNKNOWN, 3, raw_code="DP", signer="nobody")
    (entry,) = told(unmapped, mapped).entries
    assert (entry.code, entry.signer) == (Code.DEPARTED, "nobody")


def test_two_known_codes_are_two_things_even_under_one_raw_code():
    timeline = told(
        saw(Code.INFO_RECEIVED, 3, raw_code="odoo"),
        saw(Code.CANCELLED, 3, raw_code="odoo"),
    )
    assert codes(timeline) == [Code.INFO_RECEIVED, Code.CANCELLED]


def test_unknown_codes_are_one_thing_only_when_they_say_the_same():
    def unknown(key, **facts):
        return saw(Code.UNKNOWN, 3, key=key, **facts)

    assert (
        len(told(unknown("1", raw_code="X"), unknown("2", raw_code="X")).entries) == 1
    )
    assert (
        len(told(unknown("1", raw_code="X"), unknown("2", raw_code="Y")).entries) == 2
    )
    assert len(told(unknown("1", text="x"), unknown("2", text="x")).entries) == 1
    assert len(told(unknown("1", text="x"), unknown("2", text="y")).entries) == 2


def test_with_one_parcel_the_master_number_is_that_parcel():
    timeline = told(saw(Code.ARRIVED, 3, None), saw(Code.ARRIVED, 3, "A"))
    (entry,) = timeline.entries
    assert entry.package == "A"


def test_with_several_parcels_the_master_number_is_a_thing_of_its_own():
    facts = saw(Code.ARRIVED, 3, None), saw(Code.ARRIVED, 3, "A")
    assert len(told(*facts, parcels="AB").entries) == 2


def test_an_estimate_is_taken_whole_from_one_source():
    webhook = saw(Code.ARRIVED, 3, estimated_from=at(30), estimated_to=at(32))
    poll = saw(Code.ARRIVED, 3, source=Source.POLL, estimated_date=dt.date(2026, 3, 9))
    timeline = told(webhook, poll)
    assert (timeline.estimated_from, timeline.estimated_to) == (at(30), at(32))
    assert timeline.estimated_date is None


def test_the_latest_valid_estimate_by_order_of_occurrence_holds():
    timeline = told(
        saw(Code.ARRIVED, 5, estimated_to=at(40)),
        saw(Code.PICKED_UP, 1, estimated_from=at(30), estimated_to=at(32)),
        saw(Code.DEPARTED, 6),
        saw(Code.IN_TRANSIT, 7, estimated_from=at(50), estimated_to=at(49)),
    )
    assert (timeline.estimated_from, timeline.estimated_to) == (at(40), at(40))


def test_an_estimated_date_is_kept_as_a_date():
    timeline = told(saw(Code.PICKED_UP, 1, estimated_date=dt.date(2026, 3, 5)))
    assert timeline.estimated_date == dt.date(2026, 3, 5)
    assert timeline.estimated_from is None


def test_estimates_of_cancelled_parcels_do_not_count():
    timeline = told(
        saw(Code.PICKED_UP, 1, "A", estimated_to=at(30)),
        saw(Code.PICKED_UP, 2, "B", estimated_to=at(40)),
        saw(Code.CANCELLED, 3, "B"),
        parcels="AB",
    )
    assert timeline.estimated_to == at(30)


def test_a_correction_in_an_entry_marks_it():
    (entry,) = told(saw(Code.ARRIVED, 3), corrected(Code.ARRIVED, 3)).entries
    assert entry.is_correction
    assert entry.reason == "checked by phone"


def test_a_remark_without_a_known_code_corrects_nothing():
    remark = corrected(Code.UNKNOWN, 3, raw_code="AR")
    (entry,) = told(saw(Code.ARRIVED, 3, raw_code="AR"), remark).entries
    assert not entry.is_correction
