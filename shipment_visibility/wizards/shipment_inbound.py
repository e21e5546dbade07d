import re

from odoo import fields, models
from odoo.exceptions import UserError

BETWEEN_NUMBERS = re.compile(r"[\n,;]+")


class ShipmentInbound(models.TransientModel):
    """Follow goods that a supplier has sent, or that a customer sends back."""

    _name = "shipment.inbound"
    _description = "Track an Incoming Delivery"

    picking_id = fields.Many2one("stock.picking", required=True, readonly=True)
    carrier_id = fields.Many2one("shipment.carrier", required=True)
    numbers = fields.Text(
        string="Tracking Numbers",
        required=True,
        help="One a line, or with commas between them.",
    )
    expected_at = fields.Datetime(
        string="Announced for", help="What the sender says. The receipt moves to it."
    )

    def action_track(self):
        """Make the shipment; what was reported of it already is taken in."""
        self.ensure_one()
        picking = self.picking_id
        numbers = self.carrier_id._distinct_numbers(BETWEEN_NUMBERS.split(self.numbers))
        if not numbers:
            raise UserError(self.env._("Enter at least one tracking number."))
        if picking.state == "cancel":
            raise UserError(
                self.env._("%(receipt)s is cancelled.", receipt=picking.name)
            )
        shipment = self.env["shipment.shipment"]._create_for_pickings(
            picking,
            delivery_carrier=self.env["delivery.carrier"],
            parcels=[{"tracking_number": n} for n in numbers],
            note=self.env._("Announced"),
            carrier_id=self.carrier_id.id,
            direction="return" if picking.return_id else "inbound",
            outbound_id=picking._shipment_sent_before().id,
            promised_at=self.expected_at,
        )
        if self.expected_at:
            # The date is the receiver's plan: whoever may not edit it announces it only.
            shipment.sudo()._plan_receipts(self.expected_at)
        return self.env["shipment.shipment"]._action_of(shipment)
