from odoo.tests import tagged

from ..hooks import uninstall_hook
from .common import ShipmentCase


@tagged("post_install", "-at_install")
class TestHooks(ShipmentCase):
    def test_leaving_cancels_waiting_jobs(self):
        self.env["shipment.effect"]._enqueue()
        jobs = self.env["queue.job"].search([("model_name", "=", "shipment.effect")])
        self.assertIn("pending", jobs.mapped("state"))
        uninstall_hook(self.env)
        self.assertEqual(set(jobs.mapped("state")), {"cancelled"})

    def test_nothing_is_stored_on_deliveries_and_orders(self):
        self.env.cr.execute(
            """
            SELECT table_name, column_name
              FROM information_schema.columns
             WHERE table_name IN ('stock_picking', 'sale_order')
               AND column_name LIKE 'shipment%'
            """
        )
        self.assertFalse(self.env.cr.fetchall())
