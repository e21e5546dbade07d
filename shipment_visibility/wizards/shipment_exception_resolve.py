from odoo import fields, models
from odoo.exceptions import UserError


class ShipmentExceptionResolve(models.TransientModel):
    """Say how an exception was resolved; what it costs us is proposed as drafts."""

    _name = "shipment.exception.resolve"
    _description = "Resolve Shipment Exceptions"

    exception_ids = fields.Many2many("shipment.exception", required=True, readonly=True)
    resolution_id = fields.Many2one("shipment.exception.resolution", required=True)
    words = fields.Text(string="What Was Done")

    def action_resolve(self):
        """Close the exceptions."""
        self.ensure_one()
        still_open = self.exception_ids.filtered(lambda e: e.state == "open")
        if not still_open:
            raise UserError(self.env._("Somebody else has resolved this already."))
        still_open._resolve(self.resolution_id, self.words)
