"""ShipEngine as Odoo knows it."""

from ..base import CarrierAdapter, register
from . import messages


@register("shipengine")
class ShipEngineAdapter(CarrierAdapter):
    """Reports of parcels of many carriers. Nothing is bought here, and nothing asked."""

    name = "ShipEngine"
    is_aggregator = True
    webhook_scheme = "shipengine"

    def parse_webhook(self, body, headers):
        return messages.parse_webhook(body, self.code)
