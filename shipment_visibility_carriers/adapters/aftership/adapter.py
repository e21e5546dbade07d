"""AfterShip as Odoo knows it."""

from ..base import CarrierAdapter, register
from . import messages


@register("aftership")
class AfterShipAdapter(CarrierAdapter):
    """Reports of parcels of many carriers. Nothing is bought here, and nothing asked."""

    name = "AfterShip"
    is_aggregator = True
    webhook_scheme = "aftership"

    def parse_webhook(self, body, headers):
        return messages.parse_webhook(body, self.code)
