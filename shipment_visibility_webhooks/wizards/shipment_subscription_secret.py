from odoo import fields, models


class ShipmentSubscriptionSecret(models.TransientModel):
    """Shows a new secret, once. Nothing of it is stored here."""

    _name = "shipment.subscription.secret"
    _description = "New Secret"

    secret = fields.Char(store=False, readonly=True)
