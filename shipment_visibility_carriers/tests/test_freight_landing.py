from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestFreightLanding(FreightCase):
    """Landed costs are not needed. How they are made is tested where they are installed."""

    def test_where_they_are_not_installed_none_are_offered(self):
        if "stock.landed.cost" in self.env:
            self.skipTest("landed costs are installed")
        self.policy.account_ids.landed_product_id = self.env["product.product"].create(
            {"name": "Inbound Freight", "type": "service"}
        )
        kind = self.env["stock.picking.type"].search(
            [("code", "=", "incoming"), ("company_id", "=", self.company.id)], limit=1
        )
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": kind.default_location_dest_id.id,
            }
        )
        self.make_shipment(
            "PP1", direction="inbound", picking_ids=[Command.set(receipt.ids)]
        )
        self.policy.landed_automatic = True
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        invoice.with_user(self.clerk).action_approve()
        self.assertEqual(invoice.state, "approved")
        self.assertFalse(invoice.can_make_landed_costs)
        self.assertFalse(invoice.landed_cost_count)
        self.assertFalse(self.policy.has_landed_costs)
        with self.assertRaisesRegex(UserError, "Install"):
            invoice.with_user(self.clerk).action_make_landed_costs()
