"""Shippo as Odoo knows it."""

from ..base import CarrierAdapter, register
from . import messages


@register("shippo")
class ShippoAdapter(CarrierAdapter):
    """Reports of parcels of many carriers. Nothing is bought here, and nothing asked."""

    name = "Shippo"
    is_aggregator = True
    webhook_scheme = "shippo"

    def parse_webhook(self, body, headers):
        return messages.parse_webhook(body, self.code)
