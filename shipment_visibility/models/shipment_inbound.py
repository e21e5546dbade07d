from odoo import api, fields, models


class ShipmentShipment(models.Model):
    """What comes in: receipts are planned for when the carrier expects to be there."""

    _inherit = "shipment.shipment"

    plan_due = fields.Boolean(
        copy=False,
        help="The carrier expects another time than the receipt is planned for.",
    )

    _plan_due_idx = models.Index("(id) WHERE plan_due")

    def _has_moved(self, timeline):
        """Whether receipts wait for what the carrier now estimates otherwise."""
        told = (timeline.estimated_to, timeline.estimated_date)
        if self.direction == "outbound" or not any(told):
            return False
        known = (self.estimated_to, self.estimated_date or None)
        at = timeline.estimated_to
        return known != (at.replace(tzinfo=None) if at else False, told[1])

    @api.model
    def _plan_due(self, limit):
        """Plan the receipts of which the carrier's estimate has moved; called by a job."""
        moved = self.search([("plan_due", "=", True)], limit=limit)
        moved = moved.try_lock_for_update()
        for shipment in moved:
            if expected := shipment._expected_by():
                shipment._plan_receipts(expected)
        moved.plan_due = False
        return len(moved)

    def _plan_receipts(self, expected):
        """Plan the receipts of the shipment, and the purchase behind them, for a moment."""
        receipts = self.picking_ids.filtered(
            lambda p: (
                p.picking_type_code == "incoming"
                and p.state not in ("done", "cancel")
                and p.scheduled_date != expected
            )
        )
        for receipt in receipts:
            receipt._message_log(
                body=self.env._(
                    "Planned for what the carrier expects: %(shipment)s.",
                    shipment=self._get_html_link(),
                )
            )
        receipts.scheduled_date = expected
        lines = receipts.move_ids
        # Purchase is not needed, but followed where it is installed.
        if "purchase_line_id" in lines._fields:
            lines.purchase_line_id.date_planned = expected


class ShipmentEffect(models.Model):
    _inherit = "shipment.effect"

    def _effect_match_return(self):
        """Tell whoever receives goods that these are back, on the receipt that waits."""
        shipment = self.shipment_id
        sent = (shipment.outbound_id or shipment).picking_ids
        receipts = sent.return_ids.filtered(
            lambda receipt: receipt.state not in ("done", "cancel")
        )
        if not receipts:
            return "skipped", self.env._("No receipt waits for it.")
        if shipment.direction == "return":
            shipment.picking_ids |= receipts
        for receipt in receipts:
            receipt.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "The goods are back: %(shipment)s", shipment=shipment.name
                ),
                user_id=self.rule_id._find_user(shipment).id or self.env.uid,
            )
        return "done", ", ".join(receipts.mapped("name"))
