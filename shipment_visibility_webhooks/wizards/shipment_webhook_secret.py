from odoo import fields, models


class ShipmentWebhookSecret(models.TransientModel):
    """Shows a secret once. It comes and goes with the dialog and is never stored."""

    _name = "shipment.webhook.secret"
    _description = "Webhook Secret"

    url = fields.Char(string="Address", store=False, readonly=True)
    secret = fields.Char(store=False, readonly=True)
