import itertools
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..canonical.milestone import Code
from ..canonical.schema import Source
from ..models.shipment_ingest import Outcome
from ..models.shipment_match import NAMED
from .common import NOON, USUAL, ShipmentCase


@tagged("post_install", "-at_install")
class TestIngest(ShipmentCase):
    def test_an_event_moves_the_headline(self):
        shipment = self.make_shipment("1Z-99")
        result = self.ingest(self.event("1z 99", Code.PICKED_UP))
        self.assertEqual(result.outcomes, (Outcome.ACCEPTED,))
        self.assertEqual(result.shipments, shipment)
        self.assertEqual(shipment.headline, "picked_up")
        self.assertEqual(shipment.phase, "origin")
        self.assertEqual(shipment.package_ids.headline, "picked_up")
        self.assertTrue(shipment.picked_up_at)

    def test_a_duplicate_is_a_success_and_changes_nothing(self):
        shipment = self.make_shipment("A1")
        event = self.event("A1", Code.PICKED_UP)
        told = self.ingest(event, event)
        self.assertEqual(told.outcomes, (Outcome.ACCEPTED, Outcome.DUPLICATE))
        result = self.ingest(event)
        self.assertEqual(result.outcomes, (Outcome.DUPLICATE,))
        self.assertEqual(len(shipment.milestone_ids), 1)

    def test_the_numbers_of_a_batch_are_not_found_by_their_trigrams(self):
        numbers = [f"BATCH{number:08}" for number in range(200)]
        self.make_shipment(*numbers)
        self.env.flush_all()
        self.env.cr.execute("ANALYZE shipment_package; SET LOCAL enable_seqscan = off")
        packages = self.env["shipment.package"]
        found = packages._search(packages._having(numbers)).select()
        for statement, values in (
            (NAMED, {"numbers": numbers}),
            (found.code, found.params),
        ):
            self.env.cr.execute(f"EXPLAIN {statement}", values)
            plan = "\n".join(row[0] for row in self.env.cr.fetchall())
            self.assertIn("shipment_package_number_idx", plan)
            self.assertNotIn("number_normalised_index", plan)
            self.assertNotIn("master_normalised_index", plan)

    def test_any_order_ends_in_the_same_record(self):
        told = set()
        for number, order in enumerate(
            itertools.islice(itertools.permutations(range(5)), 0, 120, 17)
        ):
            shipment = self.make_shipment(f"P{number}")
            events = self.journey(f"P{number}", *USUAL)
            for place in order:
                self.ingest(events[place])
            told.add(
                (
                    shipment.headline,
                    shipment.headline_at,
                    shipment.delivered_at,
                    tuple(e["code"] for e in shipment.timeline["entries"]),
                    tuple(
                        sorted(
                            (e.rule_id.id, e.code, e.occurrence)
                            for e in shipment.effect_ids
                        )
                    ),
                )
            )
        self.assertEqual(len(told), 1)
        self.assertEqual(told.pop()[0], "delivered")

    def test_late_news_does_not_move_the_headline_back(self):
        shipment = self.make_shipment("L1")
        self.ingest(self.event("L1", Code.DELIVERED, 600))
        self.ingest(self.event("L1", Code.IN_TRANSIT, 60))
        self.assertEqual(shipment.headline, "delivered")
        self.assertEqual(len(shipment.milestone_ids), 2)

    def test_one_thing_told_by_two_sources_is_one_entry(self):
        shipment = self.make_shipment("S1")
        self.ingest(self.event("S1", Code.DELIVERED))
        self.ingest(
            self.event("S1", Code.DELIVERED, signer="C. Exemple"), source=Source.POLL
        )
        self.assertEqual(len(shipment.milestone_ids), 2)
        self.assertEqual(len(shipment.timeline["entries"]), 1)
        self.assertEqual(shipment.signer, "C. Exemple")

    def test_an_unknown_code_is_counted_and_never_guessed(self):
        shipment = self.make_shipment("U1")
        self.ingest(self.event("U1", Code.PICKED_UP))
        self.ingest(
            self.event("U1", Code.UNKNOWN, 5, raw_code="ZZ", raw_text="Zapped"),
            self.event("U1", Code.UNKNOWN, 6, raw_code="ZZ", raw_text="Zapped"),
        )
        gap = self.env["shipment.mapping.gap"].search([("raw_code", "=", "ZZ")])
        self.assertEqual((gap.count, gap.sample), (2, "Zapped"))
        self.assertEqual(shipment.headline, "picked_up")

    def test_a_mapping_gives_recorded_events_their_meaning(self):
        shipment = self.make_shipment("M1")
        self.ingest(self.event("M1", Code.UNKNOWN, raw_code="ZUG"))
        mapping = self.env["shipment.mapping"].create(
            {"carrier_id": self.carrier.id, "raw_code": "ZUG", "code": "delivered"}
        )
        self.assertEqual(shipment.headline, "delivered")
        self.assertFalse(
            self.env["shipment.mapping.gap"].search([("raw_code", "=", "ZUG")])
        )
        mapping.unlink()
        self.assertEqual(shipment.headline, "unknown")

    def test_a_number_nobody_knows_is_parked_and_matched_when_it_appears(self):
        result = self.ingest(self.event("NEW 1", Code.PICKED_UP))
        self.assertEqual(result.outcomes, (Outcome.UNMATCHED,))
        parked = self.env["shipment.milestone"].search(
            [("number_normalised", "=", "NEW1")]
        )
        self.assertFalse(parked.shipment_id)
        picking = self.make_order().picking_ids
        self.validate(picking)
        picking.carrier_tracking_ref = "NEW-1"
        self.assertEqual(parked.shipment_id, picking.shipment_ids)
        self.assertIn("picked_up", picking.shipment_ids.milestone_ids.mapped("code"))

    def test_an_event_that_came_while_its_number_was_written_is_matched_later(self):
        self.ingest(self.event("RACE-1", Code.PICKED_UP))
        with patch.object(type(self.env["shipment.shipment"]), "_match_parked"):
            picking = self.make_order().picking_ids
            shipment = self.validate(picking)
            picking.carrier_tracking_ref = "RACE-1"
        self.assertEqual(shipment.headline, "info_received")
        self.env["shipment.shipment"]._match_stragglers()
        self.assertEqual(shipment.headline, "picked_up")

    def test_a_mapping_keeps_the_sources_reason_unless_it_has_its_own(self):
        shipment = self.make_shipment("WHY-1")
        self.ingest(
            self.event("WHY-1", Code.DELAYED, raw_code="WX", reason="weather_delay")
        )
        mapping = self.env["shipment.mapping"].create(
            {"carrier_id": self.carrier.id, "raw_code": "WX", "code": "on_hold"}
        )
        milestone = shipment.milestone_ids
        self.assertEqual(
            (milestone.code, milestone.reason), ("on_hold", "weather_delay")
        )
        mapping.reason = "storm"
        self.assertEqual(milestone.reason, "storm")
        mapping.unlink()
        self.assertEqual(
            (milestone.code, milestone.reason), ("delayed", "weather_delay")
        )

    def test_events_reach_only_shipments_of_their_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        shipment = self.make_shipment("C1")
        result = self.ingest(self.event("C1", Code.DELIVERED), company=other)
        self.assertEqual(result.outcomes, (Outcome.UNMATCHED,))
        self.assertFalse(shipment.milestone_ids)
        # And a stranger's event does not displace our own.
        self.assertEqual(
            self.ingest(self.event("C1", Code.DELIVERED)).outcomes, (Outcome.ACCEPTED,)
        )
        self.assertEqual(shipment.headline, "delivered")

    def test_a_carrier_may_report_for_itself_only(self):
        shipment = self.make_shipment("R1")
        stranger = self.env["shipment.carrier"].create({"name": "X", "code": "x"})
        result = self.ingest(self.event("R1", Code.DELIVERED), carriers=stranger)
        self.assertEqual(result.outcomes, (Outcome.REFUSED,))
        self.assertFalse(shipment.milestone_ids)

    def test_an_aggregator_tells_of_another_carriers_parcel(self):
        aggregator = self._create_aggregator()
        shipment = self.make_shipment("AGG-1")
        self.ingest(
            self.event("AGG 1", Code.PICKED_UP, carrier="agg"), carriers=aggregator
        )
        self.assertEqual(shipment.headline, "picked_up")
        self.ingest(self.event("AGG-2", Code.PICKED_UP, carrier="agg"))
        late = self.validate(self.make_order().picking_ids)
        late.picking_ids.carrier_tracking_ref = "AGG-2"
        self.assertEqual(late.headline, "picked_up")

    def test_an_aggregator_who_names_two_carriers_parcels_names_none(self):
        self._create_aggregator()
        ours = self.make_shipment("TWICE-1")
        other = self.env["shipment.carrier"].create({"name": "Y", "code": "y"})
        theirs = self.make_shipment("TWICE-1", carrier_id=other.id)
        self.ingest(self.event("TWICE-1", Code.DELIVERED, carrier="agg"))
        self.assertFalse((ours | theirs).milestone_ids)
        self.ingest(self.event("TWICE-1", Code.DELIVERED))
        self.assertEqual(ours.headline, "delivered")
        self.assertFalse(theirs.milestone_ids)

    def _create_aggregator(self):
        return self.env["shipment.carrier"].create(
            {"name": "Aggregator", "code": "agg", "is_aggregator": True}
        )

    def test_a_master_number_speaks_for_all_parcels(self):
        shipment = self.make_shipment("K1", "K2", master_number="K0")
        self.ingest(self.event("K0", Code.PICKED_UP))
        self.assertEqual(shipment.package_ids.mapped("headline"), ["picked_up"] * 2)
        self.ingest(self.event("K1", Code.DELIVERED, 60))
        self.assertEqual(shipment.headline, "partially_delivered")
        self.ingest(self.event("K2", Code.DELIVERED, 90))
        self.assertEqual(shipment.headline, "delivered")

    def test_a_replaced_number_keeps_its_history(self):
        shipment = self.make_shipment("OLD-1")
        self.ingest(self.event("OLD-1", Code.PICKED_UP))
        self.ingest(self.event("NEW-1", Code.DEPARTED, 30))
        shipment.package_ids._supersede("NEW 1")
        self.assertEqual(shipment.headline, "departed", "what waited is taken in")
        self.ingest(self.event("OLD-1", Code.ARRIVED, 60))
        self.ingest(self.event("NEW-1", Code.DELIVERED, 90))
        self.assertEqual(shipment.headline, "delivered")
        self.assertEqual(len(shipment.timeline["entries"]), 4)
        self.assertEqual(shipment.tracking_numbers, "NEW 1")
        found = shipment.search([("tracking_numbers", "ilike", "old-1")])
        self.assertEqual(found, shipment)
        with self.assertRaises(UserError):
            shipment.package_ids[0]._supersede("NEW 2")

    def test_a_voided_label_that_is_scanned_is_an_anomaly(self):
        shipment = self.make_shipment("VOID-1")
        shipment._cancel("Voided")
        self.assertEqual(shipment.headline, "cancelled")
        tomorrow = 3 * 24 * 60
        self.ingest(self.event("VOID-1", Code.PICKED_UP, tomorrow))
        self.assertEqual(shipment.headline, "picked_up")
        self.assertEqual(shipment.exception_ids.code, "cancelled")
        self.assertEqual(shipment.open_exception_count, 1)

    def test_a_number_given_out_again_belongs_to_the_new_parcel(self):
        old = self.make_shipment("AGAIN-1")
        self.ingest(self.event("AGAIN-1", Code.DELIVERED, -100 * 24 * 60))
        new = self.make_shipment("AGAIN-1")
        self.ingest(self.event("AGAIN-1", Code.PICKED_UP))
        self.assertEqual(old.headline, "delivered")
        self.assertEqual(new.headline, "picked_up")

    def test_cost_is_by_the_hundred_and_not_by_the_event(self):
        """Statements of a batch, per started hundred of the rows that it writes."""
        rules = self.env["shipment.rule"].search([("effect", "=", "post_note")])
        rules.activated_at = NOON.replace(tzinfo=None)

        def statements(shipments, events):
            numbers = [f"Q{shipments}E{events}-{n}" for n in range(shipments)]
            for number in numbers:
                self.make_shipment(number, order_promised_at=NOON.replace(tzinfo=None))
            codes = (Code.PICKED_UP, Code.CUSTOMS_HELD, Code.OUT_FOR_DELIVERY)
            told = [
                self.event(number, code, 60 * place)
                for place, code in enumerate(codes)
                for number in numbers
            ][:events]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with trap_jobs():
                self.ingest(*told)
                self.env.flush_all()
            return self.env.cr.sql_log_count - before

        statements(1, 1)  # what is read once stays in memory
        one = statements(1, 3)
        hundred = statements(100, 300)
        many = statements(300, 500)
        self.assertLessEqual(hundred, one + 10)
        # Four more hundreds of events, two more of shipments, packages and exceptions.
        self.assertLessEqual(many, hundred + 4 + 3 * 2 + 6)

    def test_milestones_are_append_only(self):
        shipment = self.make_shipment("AO")
        self.ingest(self.event("AO", Code.PICKED_UP))
        milestone = shipment.milestone_ids
        with self.assertRaises(UserError):
            milestone.raw_code = "other"
        with self.assertRaises(UserError):
            milestone.unlink()
        with self.assertRaises(UserError):
            milestone.copy()
