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

    def test_nothing_of_a_shipment_is_stored_on_deliveries_and_orders(self):
        for model in ("stock.picking", "sale.order"):
            stored = [
                name
                for name, field in self.env[model]._fields.items()
                if name.startswith("shipment_")
                and field.store
                and (field.compute or field.related)
            ]
            self.assertFalse(stored, model)
