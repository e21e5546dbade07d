from odoo import api, fields, models
from odoo.exceptions import UserError


class ShipmentWebhookReplay(models.TransientModel):
    """Have many messages processed again: all of a time, or of an account.

    In the background and behind what is new. What is known already changes nothing.
    """

    _name = "shipment.webhook.replay"
    _description = "Replay Messages"

    account_id = fields.Many2one(
        "shipment.carrier.account",
        string="Carrier Account",
        help="Empty: of all accounts.",
    )
    date_from = fields.Datetime(string="Received Since")
    date_to = fields.Datetime(string="Received Before")
    which = fields.Selection(
        [
            ("dead", "Dead letters"),
            ("done", "Processed messages"),
            ("both", "Dead letters and processed messages"),
        ],
        string="Messages",
        required=True,
        default="dead",
    )
    failure = fields.Selection(
        lambda self: self.env["shipment.webhook.receipt"]._fields["failure"].selection,
        string="Only With",
    )
    message_count = fields.Integer(
        string="To Be Replayed", compute="_compute_message_count"
    )

    @api.depends("account_id", "date_from", "date_to", "which", "failure")
    def _compute_message_count(self):
        receipts = self.env["shipment.webhook.receipt"]
        for wizard in self:
            wizard.message_count = receipts.search_count(
                receipts._replay_domain(**wizard._criteria())
            )

    def _criteria(self):
        return {
            "states": ["dead", "done"] if self.which == "both" else [self.which],
            "account_id": self.account_id.id,
            "date_from": fields.Datetime.to_string(self.date_from),
            "date_to": fields.Datetime.to_string(self.date_to),
            "failure": self.failure,
        }

    def action_replay(self):
        """Hand the messages over to the queue."""
        self.ensure_one()
        if not self.message_count:
            raise UserError(
                self.env._(
                    "There is no such message, or its content is deleted already."
                )
            )
        self.env["shipment.webhook.receipt"]._replay_later(
            self._criteria(), fields.Datetime.to_string(fields.Datetime.now())
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s messages are being processed again in the background.",
                    count=self.message_count,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
