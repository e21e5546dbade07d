from odoo import api, fields, models
from odoo.exceptions import UserError

BATCH_SIZE = 200


class ShipmentAdopt(models.TransientModel):
    """Make shipments of deliveries that were done before the suite was there.

    In the background, in batches, and without any effect: nobody is told and nothing is
    invoiced for what lies in the past.
    """

    _name = "shipment.adopt"
    _description = "Adopt Existing Deliveries"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="Delivered Since",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.today(), months=-3),
    )
    picking_count = fields.Integer(
        string="Deliveries", compute="_compute_picking_count"
    )

    @api.depends("company_id", "date_from")
    def _compute_picking_count(self):
        for wizard in self:
            wizard.picking_count = self.env["stock.picking"].search_count(
                wizard._domain()
            )

    def _domain(self):
        return [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "done"),
            ("picking_type_code", "=", "outgoing"),
            ("carrier_id", "!=", False),
            ("date_done", ">=", self.date_from),
            ("shipment_ids", "=", False),
        ]

    def action_adopt(self):
        """Hand the deliveries over to the queue, in batches."""
        self.ensure_one()
        pickings = self.env["stock.picking"].search(self._domain(), order="id")
        if not pickings:
            raise UserError(self.env._("There are no deliveries left to adopt."))
        for start in range(0, len(pickings), BATCH_SIZE):
            batch = pickings[start : start + BATCH_SIZE]
            batch.with_delay(
                description=self.env._("Adopt %(count)s deliveries", count=len(batch)),
            )._job_adopt()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s deliveries are being adopted in the background.",
                    count=len(pickings),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
