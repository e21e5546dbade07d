import base64

from odoo import api, fields, models

from odoo.addons.shipment_visibility.canonical.schema import Source
from odoo.addons.shipment_visibility.models.shipment_ingest import _observation_key
from odoo.addons.shipment_visibility_carriers.adapters.personal import readable


class ShipmentWebhookReceipt(models.Model):
    """A look inside a message, and at what was recorded of it."""

    _inherit = "shipment.webhook.receipt"

    message_text = fields.Text(
        string="Content",
        compute="_compute_message_text",
        groups="base.group_system",
        help="Without names, streets, contact data and secrets.",
    )
    milestone_ids = fields.Many2many(
        "shipment.milestone", string="Events", compute="_compute_milestone_ids"
    )

    @api.depends("body")
    def _compute_message_text(self):
        # The web client asks for the size of binary fields, not for what is in them.
        for receipt, whole in zip(self, self.with_context(bin_size=False), strict=True):
            receipt.message_text = readable(base64.b64decode(whole.body or b""))

    @api.depends("state", "body")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_milestone_ids(self):
        """Read the message again: what it says leads to what was recorded of it.

        So nothing needs to be stored per event, and an event that another message had told
        before is found as well.
        """
        keys = {receipt: receipt._get_event_keys() for receipt in self}
        milestones = self.env["shipment.milestone"]
        if milestones.has_access("read"):
            # Only those the user may see: the search is not done as superuser.
            milestones = milestones.search(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("key", "in", sorted(set().union(*keys.values()))),
                ]
            )
        for receipt in self:
            receipt.milestone_ids = milestones.filtered(
                lambda milestone, receipt=receipt: (
                    milestone.company_id == receipt.company_id
                    and milestone.key in keys[receipt]
                )
            )

    def _get_event_keys(self):
        """Return what makes the message's events those events; nothing if it is unreadable."""
        self.ensure_one()
        if self.state != "done" or self.is_trial:
            return set()
        # The message is for administrators; that certain events are its own is not.
        receipt_sudo = self.sudo().with_context(bin_size=False)
        body = base64.b64decode(receipt_sudo.body or b"")
        try:
            events = receipt_sudo.account_id._adapter().parse_webhook(
                body, receipt_sudo.headers or {}
            )
        except Exception:  # noqa: BLE001 whatever it is: there is nothing to show then
            return set()
        normalise = self.env["shipment.carrier"]._normalise_number
        return {
            _observation_key(event, Source.WEBHOOK, normalise(event.tracking_number))
            for event in events
        }
