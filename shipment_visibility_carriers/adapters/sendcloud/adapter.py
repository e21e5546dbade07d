"""Sendcloud as Odoo knows it."""

from ..base import CarrierAdapter, register
from . import messages


@register("sendcloud")
class SendcloudAdapter(CarrierAdapter):
    """Reports of parcels of many carriers. Nothing is bought here, and nothing asked."""

    name = "Sendcloud"
    is_aggregator = True
    webhook_scheme = "sendcloud"

    def parse_webhook(self, body, headers):
        return messages.parse_webhook(body, self.code)
