"""What holds of the fold whatever is observed. The examples are the same in every run."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from itertools import combinations
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.milestone import (
    MILESTONES,
    REOPENS,
    Code,
)
from odoo.addons.shipment_visibility.canonical.schema import Precision, Source, Zone
from odoo.addons.shipment_visibility.canonical.timeline import (
    Observation,
    fold,
)

from .story import DAY_ONE

bounded = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
AUTOMATIC = tuple(source for source in Source if source != Source.MANUAL)

# Few values of each kind, so that observations meet, agree and contradict each other.
MOMENTS = tuple(
    DAY_ONE + dt.timedelta(days=day, minutes=minute, seconds=second)
    for day in range(3)
    for minute in (0, 1, 90)
    for second in (0, 30)
)
WORLD = {
    "package": (None, "A", "B", "C"),
    "code": tuple(Code),
    "occurred_at": MOMENTS,
    "source": tuple(Source),
    "precision": tuple(Precision),
    "raw_code": ("", "X", "Y"),
    "reason": ("", "", "a reason"),
    "text": ("", "some text"),
    "location": ("", "Lyon", "LYON", "Nice"),
    "zone": tuple(Zone),
    "signer": ("", "M. Weber", "the neighbour"),
    "estimated_from": (None, MOMENTS[-1]),
    "estimated_to": (None, *MOMENTS[-2:]),
    "estimated_date": (None, DAY_ONE.date()),
}


def stories(**fixed):
    """Observations of one shipment. ``fixed`` says to what values a fact is limited.

    Hypothesis draws how many and a seed: that is quicker than to draw every fact.
    """
    choices = {**WORLD, **fixed}

    def story(length, seed):
        fate = Random(seed)
        keys = fate.sample(range(100), length)
        return [
            Observation(
                str(key), **{name: fate.choice(choices[name]) for name in WORLD}
            )
            for key in keys
        ]

    return st.builds(story, st.integers(0, 12), st.integers(0, 2**24))


parcels = st.sampled_from(("", "A", "AB", "ABC"))
directions = st.sampled_from(("outbound", "return", "inbound"))


@bounded
@given(stories(), parcels, directions, st.data())
def test_the_order_of_arrival_makes_no_difference(story, shipment, direction, data):
    shuffled = data.draw(st.permutations(story))
    turned = data.draw(st.permutations(shipment))
    once = fold(story, shipment, direction)
    assert fold(shuffled, turned, direction) == once


@bounded
@given(stories(), parcels, st.data())
def test_not_even_when_one_key_names_different_things(story, shipment, data):
    story = [replace(o, key=str(int(o.key) % 3)) for o in story]
    shuffled = data.draw(st.permutations(story))
    assert fold(shuffled, shipment) == fold(story, shipment)


@bounded
@given(stories(), parcels, st.data())
def test_batches_and_repetitions_make_no_difference(story, shipment, data):
    cut = data.draw(st.integers(0, len(story)))
    again = data.draw(st.lists(st.sampled_from(story))) if story else []
    batches = [story[:cut], story[cut:], again]
    known = []
    for batch in data.draw(st.permutations(batches)):
        known += batch
        told = fold(iter(known), shipment)
    assert told == fold(story, shipment)


@bounded
@given(stories(source=AUTOMATIC), parcels, directions, st.data())
def test_the_mix_of_sources_decides_no_fact_of_the_shipment(
    story, shipment, direction, data
):
    def facts(timeline):
        return (
            [(e.code, e.occurred_at, e.observation_keys) for e in timeline.entries],
            (timeline.headline, timeline.headline_at, timeline.parcels),
            [(o.key, o.opened_at, o.closed_at) for o in timeline.exceptions],
            [(o.code, o.number, o.occurred_at) for o in timeline.occurrences],
        )

    other = [replace(o, source=data.draw(st.sampled_from(AUTOMATIC))) for o in story]
    assert facts(fold(other, shipment, direction)) == facts(
        fold(story, shipment, direction)
    )


@bounded
@given(stories(), parcels)
def test_every_observation_is_in_exactly_one_entry(story, shipment):
    timeline = fold(story, shipment)
    told = Counter(key for e in timeline.entries for key in e.observation_keys)
    assert told == Counter(o.key for o in story)


@bounded
@given(stories(package=(None, "A", "B")))
def test_an_entry_holds_nothing_that_contradicts_itself(story):
    said = {o.key: o for o in story}
    shown = {Precision.SECOND: "%F %T", Precision.MINUTE: "%F %R", Precision.DAY: "%F"}
    coarseness = list(shown)
    timeline = fold(story, "AB")
    for entry in timeline.entries:
        for one, other in combinations([said[k] for k in entry.observation_keys], 2):
            coarser = max(one.precision, other.precision, key=coarseness.index)
            format_ = shown[coarser]
            assert f"{one.occurred_at:{format_}}" == f"{other.occurred_at:{format_}}"
            assert one.package == other.package
            assert len({one.code, other.code} - {Code.UNKNOWN}) <= 1
            assert len({one.location.lower(), other.location.lower()} - {""}) <= 1


@bounded
@given(stories(package=("A",), source=AUTOMATIC))
def test_the_headline_of_a_parcel_moves_by_the_rules(story):
    timeline = fold(story, "A")
    headline, since = Code.UNKNOWN, None
    for entry in timeline.entries:
        row = MILESTONES[entry.code]
        if row.kind != "state":
            allowed = False
        elif row.soft or row.code == Code.INFO_RECEIVED:
            allowed = headline in (Code.UNKNOWN, Code.EXPIRED, row.code)
        elif headline in REOPENS:
            allowed = row.code in REOPENS[headline] and entry.occurred_at > since
        else:
            allowed = True
        assert entry.moves_headline == allowed
        if allowed:
            headline, since = row.code, entry.occurred_at
    assert (timeline.headline, timeline.headline_at) == (headline, since)


MUTE = [row.code for row in MILESTONES.values() if row.kind != "state" or row.soft]


@bounded
@given(stories(package=("A",)), st.sampled_from(MUTE), st.sampled_from(MOMENTS))
def test_overlays_information_and_expiry_never_move_the_headline(story, code, moment):
    before = fold(story, "A")
    if before.headline in (Code.UNKNOWN, Code.EXPIRED):
        return
    news = Observation("news", "A", code, moment, Source.WEBHOOK)
    after = fold([*story, news], "A")
    assert (after.headline, after.headline_at) == (before.headline, before.headline_at)


# The states between the label and the end.
JOURNEYS = tuple(
    row.code
    for row in MILESTONES.values()
    if row.kind == "state"
    and not (row.terminal or row.soft or row.code == Code.INFO_RECEIVED)
)


@bounded
@given(
    stories(package=("A",), code=JOURNEYS, precision=(Precision.SECOND,)),
    st.sampled_from(JOURNEYS),
    st.integers(1, 100),
)
def test_late_news_of_a_journey_does_not_move_the_present(story, code, hours):
    before = fold(story, "A")
    if before.headline_at is None:
        return
    moment = before.headline_at - dt.timedelta(hours=hours)
    late = Observation("late", "A", code, moment, Source.WEBHOOK)
    after = fold([*story, late], "A")
    assert (after.headline, after.headline_at) == (before.headline, before.headline_at)


@bounded
@given(stories(), parcels, directions)
def test_ledger_and_exceptions_are_well_formed(story, shipment, direction):
    timeline = fold(story, shipment, direction)
    counted = Counter()
    for occurrence in timeline.occurrences:
        counted[occurrence.code] += 1
        assert occurrence.number == counted[occurrence.code]
        assert occurrence.entry_key in {entry.key for entry in timeline.entries}
    keys = [opened.key for opened in timeline.exceptions]
    assert len(keys) == len(set(keys))
    for opened in timeline.exceptions:
        assert opened.closed_at is None or opened.closed_at >= opened.opened_at
    moments = [e.occurred_at for e in timeline.entries]
    assert moments == sorted(moments)
    assert timeline.last_event_at == max(moments, default=None)


@bounded
@given(stories(), parcels, directions)
def test_a_shipment_is_delivered_when_all_its_live_parcels_are(
    story, shipment, direction
):
    timeline = fold(story, shipment, direction)
    if timeline.headline == Code.DELIVERED and timeline.parcels:
        for parcel in timeline.parcels.values():
            assert parcel.code in (Code.DELIVERED, Code.CANCELLED)
        assert any(o.code == Code.DELIVERED for o in timeline.occurrences)
        assert timeline.delivered_at is not None
    else:
        assert (timeline.delivered_at is None) == (timeline.headline != Code.DELIVERED)


@bounded
@given(
    stories(),
    st.lists(st.tuples(st.text(max_size=3), st.datetimes(timezones=st.just(dt.UTC)))),
    parcels,
    directions,
)
def test_nothing_raises_whatever_is_observed(story, oddities, shipment, direction):
    odd = [
        replace(o, key=text, package=text, raw_code=text, location=text, occurred_at=at)
        for o, (text, at) in zip(story, oddities, strict=False)
    ]
    assert fold(story + odd, shipment, direction).headline in Code
