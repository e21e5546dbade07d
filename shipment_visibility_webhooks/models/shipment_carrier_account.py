from odoo import api, fields, models


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
