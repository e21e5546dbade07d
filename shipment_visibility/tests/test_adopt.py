from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import ShipmentCase


@tagged("post_install", "-at_install")
class TestAdopt(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.make_order().picking_ids
        # As if it had been delivered before the suite was there.
        cls.validate(cls.picking).unlink()
        cls.wizard = cls.env["shipment.adopt"].create({})
        cls.rules = cls.env["shipment.rule"].with_context(active_test=False).search([])
        cls.rules.active = True

    def test_deliveries_of_the_past_become_shipments_without_effect(self):
        self.assertIn(
            self.picking, self.picking.search(self.wizard._domain()), "it waits"
        )
        with trap_jobs() as trap:
            self.wizard.action_adopt()
            trap.perform_enqueued_jobs()
        shipment = self.picking.shipment_ids
        self.assertEqual(shipment.package_ids.weight_kg, 3.0)
        self.assertFalse(shipment.effect_ids)
        self.assertFalse(self.picking.sale_id.invoice_ids)

    def test_a_number_written_before_comes_along(self):
        self.picking.carrier_tracking_ref = "OLD-1, OLD-2"
        self.picking.shipment_ids.unlink()
        self.picking._job_adopt()
        numbers = self.picking.shipment_ids.package_ids.mapped("tracking_number")
        self.assertEqual(numbers, ["OLD-1", "OLD-2"])
        self.assertEqual(self.picking.shipment_ids.headline, "info_received")
        self.assertFalse(self.picking.shipment_ids.effect_ids)

    def test_a_repeated_job_adopts_nothing_twice(self):
        self.picking._job_adopt()
        self.picking._job_adopt()
        self.assertEqual(len(self.picking.shipment_ids), 1)

    def test_nothing_left_is_said_so(self):
        self.wizard.date_from = "2090-01-01"
        self.assertEqual(self.wizard.picking_count, 0)
        with self.assertRaises(UserError):
            self.wizard.action_adopt()
