from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..canonical.milestone import Code
from .common import ShipmentCase


@tagged("post_install", "-at_install")
class TestWatch(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["shipment.expectation"].search([]).active = False
        cls.expectation = cls.env.ref(
            "shipment_visibility.shipment_expectation_silence"
        )
        cls.expectation.write({"active": True, "hours": 12})

    def watch(self):
        """What the cron does, in the test's own transaction."""
        self.env.flush_all()
        self.env["shipment.shipment"]._watch(200)

    def test_silence_opens_an_exception_and_news_closes_it(self):
        shipment = self.make_shipment("W1")
        self.ingest(self.event("W1", Code.PICKED_UP))  # a day ago
        self.assertFalse(shipment.exception_ids, "ingestion itself opens nothing")
        self.watch()
        exception = shipment.exception_ids
        self.assertEqual(exception.type_id.code, "silent")
        self.assertEqual(shipment.open_exception_count, 1)
        self.watch()
        self.assertEqual(shipment.exception_ids, exception, "once is enough")
        self.ingest(self.event("W1", Code.ARRIVED, 23 * 60))
        self.assertEqual(exception.state, "resolved")
        self.assertEqual(shipment.open_exception_count, 0)
        self.assertGreater(shipment.watch_at, fields.Datetime.now())

    def test_nobody_looks_at_a_shipment_before_it_can_be_overdue(self):
        shipment = self.make_shipment("W2")
        self.ingest(self.event("W2", Code.PICKED_UP, 23 * 60))
        self.assertGreater(shipment.watch_at, fields.Datetime.now())
        before = self.env.cr.sql_log_count
        self.watch()
        self.assertLess(self.env.cr.sql_log_count - before, 8)
        self.assertFalse(shipment.exception_ids)

    def test_what_is_over_is_not_watched(self):
        shipment = self.make_shipment("W3")
        self.ingest(self.event("W3", Code.DELIVERED))
        self.assertFalse(shipment.watch_at)

    def test_labelled_but_never_handed_over(self):
        self.expectation.write(
            {
                "kind": "handover",
                "exception_type_id": self.env["shipment.exception.type"]
                ._get("not_handed_over")
                .id,
            }
        )
        shipment = self.make_shipment("W4")
        self.ingest(self.event("W4", Code.INFO_RECEIVED))
        self.watch()
        self.assertEqual(shipment.exception_ids.type_id.code, "not_handed_over")

    def test_late_against_what_the_customer_was_promised(self):
        self.expectation.write({"kind": "promise", "hours": 0})
        order = self.make_order(
            commitment_date=fields.Datetime.now() - timedelta(hours=3)
        )
        shipment = self.validate(order.picking_ids)
        self.assertEqual(shipment.order_promised_at, order.commitment_date)
        order.picking_ids.carrier_tracking_ref = "W5"
        self.watch()
        self.assertEqual(shipment.exception_ids.reason, self.expectation.name)

    def test_an_expectation_is_for_its_service(self):
        self.expectation.service = "express"
        shipment = self.make_shipment("W6", service="standard")
        self.ingest(self.event("W6", Code.PICKED_UP))
        self.assertFalse(shipment.watch_at)

    def test_a_new_expectation_looks_at_what_is_under_way(self):
        self.expectation.active = False
        shipment = self.make_shipment("W7")
        self.ingest(self.event("W7", Code.PICKED_UP))
        self.expectation.active = True
        shipment.invalidate_recordset()
        self.assertTrue(shipment.watch_at)
        self.watch()
        self.assertTrue(shipment.exception_ids)

    def test_a_hundred_cost_as_much_as_one(self):
        def statements(*numbers):
            for number in numbers:
                self.make_shipment(number)
            self.ingest(*(self.event(number, Code.PICKED_UP) for number in numbers))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.watch()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        statements("X0")
        one = statements("X1")
        many = statements(*(f"Y{number}" for number in range(90)))
        self.assertLessEqual(many, one + 6)
