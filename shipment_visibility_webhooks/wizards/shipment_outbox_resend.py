from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ShipmentOutboxResend(models.TransientModel):
    """Asks which messages of a subscription are sent again."""

    _name = "shipment.outbox.resend"
    _description = "Send Messages Again"

    subscription_id = fields.Many2one(
        "shipment.subscription", required=True, ondelete="cascade"
    )
    date_from = fields.Datetime(
        string="Recorded From",
        required=True,
        default=lambda self: fields.Datetime.subtract(fields.Datetime.now(), days=1),
    )
    date_to = fields.Datetime(
        string="Recorded Until", required=True, default=fields.Datetime.now
    )
    include_sent = fields.Boolean(
        string="Those That Arrived Too",
        help="The receiver gets them twice, with the same message ID.",
    )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_from > wizard.date_to:
                raise ValidationError(self.env._("The range ends before it begins."))

    def action_resend(self):
        """Send the messages again, in their order."""
        self.ensure_one()
        self.subscription_id.check_access("write")
        states = ["waiting", "given_up", *(["sent"] if self.include_sent else [])]
        return self.env["shipment.outbox"]._resend_range(
            self.subscription_id, self.date_from, self.date_to, states
        )
