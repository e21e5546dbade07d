"""Whatever the way of arrival, the database ends the same. The examples never change."""

import datetime as dt
from contextlib import closing
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..canonical.milestone import Code
from ..canonical.schema import Location, Precision, Source, TrackingEvent, Zone
from .common import ShipmentCase

DAY_ONE = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
# Few values of each kind, so that events meet, agree and contradict each other.
MOMENTS = tuple(
    DAY_ONE + dt.timedelta(days=day, minutes=minute, seconds=second)
    for day in range(3)
    for minute in (0, 1, 90)
    for second in (0, 30)
)
# What is sent: the numbers of its parcels, the master number, the direction.
WORLD = {
    "one": (["P1"], False, "outbound"),
    "several": (["K1", "K2", "K3"], "K0", "outbound"),
    "back": (["R1"], False, "return"),
    # Parcels without numbers of their own bear the same name in two shipments.
    "bare": ([False], "B0", "outbound"),
    "bare too": ([False], "C0", "outbound"),
}
NUMBERS = (
    *("P1", "p-1", "K1", "K2", "K3", "K0", "R1", "B0", "C0"),
    "known to nobody",
)
REASONS = ("", "", "checked by phone", "consignee_refused")

thorough = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # a seed does not become simpler by being smaller
    suppress_health_check=list(HealthCheck),
)
seeds = st.integers(0, 2**24)


def story(length, seed, carrier, sources=tuple(Source)):
    """What is said, and by whom. Hypothesis draws how much and a seed, as it is quicker."""
    fate = Random(seed)
    numbers = fate.sample(NUMBERS, 5)
    return [
        (fate.choice(sources), _event(fate, number, carrier, serial))
        for serial, number in enumerate(fate.choices(numbers, k=length))
    ]


def _event(fate, number, carrier, serial):
    code = fate.choice(tuple(Code))
    reason = fate.choice(REASONS)
    window = fate.choice([(None, None), MOMENTS[-2:], (None, MOMENTS[-1])])
    return TrackingEvent(
        carrier=carrier,
        tracking_number=number,
        event_id=fate.choice(["", f"E{serial}"]),
        raw_code=fate.choice(["", "X", "Y"]) if code == Code.UNKNOWN else code.value,
        raw_text=reason,
        code=code,
        reason=reason,
        occurred_at=fate.choice(MOMENTS),
        zone=fate.choice(tuple(Zone)),
        precision=fate.choice(tuple(Precision)),
        location=fate.choice([None, Location(city="Lyon"), Location(city="Nice")]),
        signer=fate.choice(["", "", "M. Weber", "the neighbour"]),
        estimated_from=window[0],
        estimated_to=window[1],
        estimated_date=fate.choice([None, DAY_ONE.date()]),
    )


@tagged("post_install", "-at_install")
class TestConvergence(ShipmentCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A rule for everything that can happen, and of two kinds: a note may be
        # withdrawn silently, anything else asks a person.
        kind = cls.env["shipment.exception.type"].search([], limit=1)
        kinds = [("post_note", {}), ("open_exception", {"exception_type_id": kind.id})]
        cls.env["shipment.rule"].create(
            [
                {
                    "name": f"{effect} {code}",
                    "code": code.value,
                    "effect": effect,
                    "direction": False,
                    "activated_at": "2026-01-01",
                    "max_age_days": 36500,
                    **values,
                }
                for place, code in enumerate(Code)
                for effect, values in [kinds[place % 2]]
            ]
        )

    @thorough
    @given(st.integers(1, 12), seeds, seeds)
    def test_any_order_split_and_repetition_end_the_same(self, length, seed, way):
        told = story(length, seed, self.carrier.code)
        fate = Random(way)
        at_once = self._ends([told])
        self.assertEqual(self._ends(_batches(fate, told)), at_once)
        self.assertEqual(self._ends([[said] for said in reversed(told)]), at_once)

    @thorough
    @given(st.integers(1, 12), seeds, seeds)
    def test_what_was_told_before_its_number_was_known_ends_the_same(
        self, length, seed, way
    ):
        told = story(length, seed, self.carrier.code)
        fate = Random(way)
        batches = _batches(fate, told)
        arrivals = {name: fate.randint(0, len(batches)) for name in WORLD}
        self.assertEqual(self._ends(batches, arrivals), self._ends([told]))

    @thorough
    @given(st.integers(1, 12), seeds, seeds)
    def test_what_was_carried_out_meanwhile_changes_no_decision(
        self, length, seed, way
    ):
        told = story(length, seed, self.carrier.code)
        batches = _batches(Random(way), told)
        self.assertEqual(
            self._ends(batches, after_each=self.carry_out), self._ends([told])
        )

    @thorough
    @given(st.integers(1, 12), seeds, seeds)
    def test_the_mix_of_sources_decides_no_fact(self, length, seed, way):
        automatic = (Source.WEBHOOK, Source.POLL, Source.FILE)
        told = story(length, seed, self.carrier.code, sources=automatic)
        fate = Random(way)
        mixed = [(fate.choice(automatic), event) for _source, event in told]
        batches = _batches(fate, mixed)
        self.assertEqual(
            self._ends(batches, tell=self._facts),
            self._ends([told], tell=self._facts),
        )

    def test_an_exception_names_a_parcel_of_its_own_shipment(self):
        shipments = self._ship("one", [False], "B0", "outbound")
        shipments |= self._ship("another", [False], "C0", "outbound")
        self.ingest(self.event("B0", Code.DAMAGED), self.event("C0", Code.DAMAGED))
        for shipment in shipments:
            self.assertEqual(shipment.exception_ids.package_id, shipment.package_ids)

    def test_an_exception_that_lasts_after_all_is_open_again(self):
        shipment = self.make_shipment("E1")
        self.ingest(self.event("E1", Code.ATTEMPT_FAILED, 60))
        self.ingest(self.event("E1", Code.OUT_FOR_DELIVERY, 90))
        self.assertEqual(shipment.exception_ids.state, "resolved")
        # A person knows better: it was not taken out again.
        self.ingest(
            self.event("E1", Code.ATTEMPT_FAILED, 90, reason="checked by phone"),
            source=Source.MANUAL,
        )
        self.assertEqual(shipment.exception_ids.state, "open")

    # === THE WAY === #

    def _ends(self, batches, arrivals=None, after_each=None, tell=None):
        """What the database tells after these batches, which are then undone.

        :param arrivals: after how many batches each shipment is known; None: from the start
        :param after_each: what else is done after each batch
        """
        arrivals = arrivals or {}
        shipments = self.env["shipment.shipment"]
        with closing(self.env.cr.savepoint()), trap_jobs():
            for turn in range(len(batches) + 1):
                for name, values in WORLD.items():
                    if arrivals.get(name, 0) == turn:
                        shipments |= self._ship(name, *values)
                for batch in batches[turn : turn + 1]:
                    self._hand_in(batch)
                    if after_each:
                        after_each()
            self.env.flush_all()
            self.env.invalidate_all()
            tell = tell or self._record
            return {shipment.service: tell(shipment) for shipment in shipments} | {
                "gaps": self._gaps(),
                "parked": self._parked(),
            }

    def _ship(self, name, numbers, master, direction):
        shipment = self.make_shipment(
            *numbers, master_number=master, direction=direction, service=name
        )
        shipment._match_parked()
        return shipment

    def _hand_in(self, batch):
        """Let a batch in; one call of the door is of one source."""
        for source in dict.fromkeys(source for source, _event in batch):
            self.ingest(*(e for s, e in batch if s == source), source=source)

    # === WHAT IS TOLD === #

    def _record(self, shipment):
        """All that must not depend on the way."""
        timeline = shipment._timelines()[shipment.id]
        return {
            **self._facts(shipment),
            "timeline": timeline.entries,
            "estimate": (
                shipment.estimated_from,
                shipment.estimated_to,
                shipment.estimated_date,
            ),
            "signer": shipment.signer,
        }

    def _facts(self, shipment):
        timeline = shipment._timelines()[shipment.id]
        return {
            "headline": (shipment.headline, shipment.phase, shipment.headline_at),
            "times": (
                shipment.picked_up_at,
                shipment.delivered_at,
                shipment.last_event_at,
            ),
            "parcels": [(p.headline, p.headline_at) for p in shipment.package_ids],
            "exceptions": self._exceptions(shipment, timeline),
            "ledger": self._ledger(shipment, timeline),
        }

    def _exceptions(self, shipment, timeline):
        """What the events opened, each as it stands.

        What a person or a watch has to decide on is none of theirs, and what turned out
        never to have been so may be there, but not open.
        """
        rows = shipment.exception_ids.filtered(lambda e: e.key[:1] not in "!~")
        so = {opened.key for opened in timeline.exceptions}
        moot = rows.filtered(lambda e: e.key not in so)
        self.assertEqual(set(moot.mapped("state")) - {"resolved"}, set())
        self.assertLessEqual(rows.package_id, shipment.package_ids)
        return sorted(
            (e.key, e.code, e.state, e.package_id.sequence, e.opened_at, e.closed_at)
            for e in rows - moot
        )

    def _ledger(self, shipment, timeline):
        """Decisions that stand. What became of each may depend on when it was taken."""
        so = {(o.code.value, o.number) for o in timeline.occurrences}
        stands = shipment.effect_ids.filtered(lambda e: (e.code, e.occurrence) in so)
        fallen = shipment.effect_ids - stands
        self.assertNotIn("withdrawn", stands.mapped("state"))
        self.assertEqual({"waiting", "done"} & set(fallen.mapped("state")), set())
        return sorted((e.rule_id.name, e.code, e.occurrence) for e in stands)

    def _gaps(self):
        gaps = self.env["shipment.mapping.gap"].search(
            [("carrier_id", "=", self.carrier.id)]
        )
        return sorted((gap.raw_code, gap.count) for gap in gaps)

    def _parked(self):
        return self.env["shipment.milestone"].search_count(
            [("shipment_id", "=", False), ("carrier_id", "=", self.carrier.id)]
        )


def _batches(fate, told):
    """The same things in another order, some of them again, in several parts."""
    told = told + fate.choices(told, k=len(told) // 2)
    fate.shuffle(told)
    cuts = sorted(fate.choices(range(len(told) + 1), k=fate.randint(1, 5)))
    parts = zip([0, *cuts], [*cuts, len(told)], strict=True)
    return [told[start:end] for start, end in parts]
