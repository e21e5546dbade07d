from odoo import fields, models


class ShipmentNumberReplace(models.TransientModel):
    """Ask for the number under which a parcel goes on."""

    _name = "shipment.number.replace"
    _description = "Replace a Tracking Number"

    package_id = fields.Many2one("shipment.package", required=True, readonly=True)
    old_number = fields.Char(related="package_id.tracking_number")
    number = fields.Char(string="New Tracking Number", required=True)

    def action_replace(self):
        """Let the parcel go on under the new number."""
        self.ensure_one()
        self.package_id._supersede(self.number)
