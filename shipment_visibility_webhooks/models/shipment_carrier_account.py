from datetime import timedelta

from odoo import api, fields, models

# A carrier that has not reported for so long may have stopped doing so.
LIVE_FOR = timedelta(days=1)


class ShipmentCarrierAccount(models.Model):
    _inherit = "shipment.carrier.account"

    webhook_endpoint_ids = fields.One2many(
        "shipment.webhook.endpoint",
        "account_id",
        string="Webhook Endpoints",
        groups="base.group_system",
    )
    webhook_endpoint_count = fields.Integer(
        compute="_compute_webhook_endpoint_count", groups="base.group_system"
    )

    @api.depends("webhook_endpoint_ids")
    def _compute_webhook_endpoint_count(self):
        for account in self:
            account.webhook_endpoint_count = len(account.webhook_endpoint_ids)

    def _get_webhook_address(self):
        """Override of `shipment_visibility_carriers`: the account's door, opened if need be."""
        self.ensure_one()
        adapter = self._adapter_class()
        if "parse_webhook" not in adapter.capabilities() or not adapter.webhook_scheme:
            return super()._get_webhook_address()
        endpoint = self.webhook_endpoint_ids[:1] or self.webhook_endpoint_ids.create(
            {"name": self.display_name, "account_id": self.id}
        )
        return endpoint.url

    def _has_live_webhooks(self):
        """Override to ask rarely where messages arrive and can be read."""
        # Whoever asks for news need not know of the endpoints.
        receipts_sudo = self.env["shipment.webhook.receipt"].sudo()
        return super()._has_live_webhooks() or bool(
            receipts_sudo.search_count(
                [
                    ("endpoint_id.account_id", "=", self.id),
                    ("endpoint_id.active", "=", True),
                    ("state", "=", "done"),
                    ("is_trial", "=", False),
                    ("done_at", ">", fields.Datetime.now() - LIVE_FOR),
                ],
                limit=1,
            )
        )

    def action_view_webhook_endpoints(self):
        """Open the account's endpoint, or a new one to be saved when it has none."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_webhooks.shipment_webhook_endpoint_action"
        )
        action["domain"] = [("account_id", "=", self.id)]
        action["context"] = {
            "default_account_id": self.id,
            "default_name": self.display_name,
        }
        if len(self.webhook_endpoint_ids) < 2:
            action["views"] = [(False, "form")]
            action["res_id"] = self.webhook_endpoint_ids.id
        return action
