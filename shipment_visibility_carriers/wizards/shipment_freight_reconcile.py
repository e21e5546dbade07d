from odoo import api, fields, models
from odoo.exceptions import UserError


class ShipmentFreightReconcile(models.TransientModel):
    """Reconciling a period now, instead of at night."""

    _name = "shipment.freight.reconcile"
    _description = "Reconcile Freight"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="Shipped from", required=True, default=lambda self: self._default_from()
    )
    date_to = fields.Date(string="to", required=True, default=fields.Date.context_today)

    @api.model
    def _default_from(self):
        """The first day of the month before last."""
        today = fields.Date.context_today(self)
        return fields.Date.subtract(fields.Date.start_of(today, "month"), months=2)

    def action_reconcile(self):
        """Reconcile the shipments of the period, and show what differs."""
        self.ensure_one()
        if self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it begins."))
        differences = self.env["shipment.freight.difference"]
        differences.check_access("write")
        if self.company_id not in self.env.companies:
            raise UserError(self.env._("Choose a company that you work in."))
        # What differs is the reconciliation's to write, not the user's.
        is_done = differences.sudo()._reconcile_period(
            self.company_id, self.date_from, self.date_to
        )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_freight_difference_action"
        )
        if is_done:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "There are many shipments: they are reconciled in the background."
                ),
                "next": action,
            },
        }


class ShipmentFreightDifferenceAside(models.TransientModel):
    """The word with which differences are left as they are."""

    _name = "shipment.freight.difference.aside"
    _description = "Set Freight Differences Aside"

    difference_ids = fields.Many2many(
        "shipment.freight.difference",
        "shipment_freight_difference_aside_rel",
        "aside_id",
        "difference_id",
        string="Differences",
        readonly=True,
    )
    note = fields.Char(string="Why", required=True)

    def action_set_aside(self):
        """Set them aside."""
        self.difference_ids._set_aside(self.note)
        return {"type": "ir.actions.act_window_close"}
