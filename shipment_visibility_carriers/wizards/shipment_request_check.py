from odoo import Command, api, fields, models


class ShipmentRequestCheck(models.TransientModel):
    """All that is wrong with a delivery, before its carrier is asked."""

    _name = "shipment.request.check"
    _description = "Check before Booking"

    picking_id = fields.Many2one("stock.picking", string="Delivery", readonly=True)
    line_ids = fields.One2many("shipment.request.check.line", "check_id", readonly=True)

    @api.model
    def _open(self, picking, problems):
        check = self.create(
            {
                "picking_id": picking.id,
                "line_ids": [Command.create({"problem": text}) for text in problems],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not Ready to Ship"),
            "res_model": self._name,
            "res_id": check.id,
            "view_mode": "form",
            "target": "new",
        }


class ShipmentRequestCheckLine(models.TransientModel):
    _name = "shipment.request.check.line"
    _description = "Problem before Booking"

    check_id = fields.Many2one(
        "shipment.request.check", required=True, ondelete="cascade"
    )
    problem = fields.Text(readonly=True)
