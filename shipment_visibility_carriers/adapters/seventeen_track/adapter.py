"""17TRACK as Odoo knows it."""

from ..base import CarrierAdapter, register
from . import messages


@register("seventeen_track")
class SeventeenTrackAdapter(CarrierAdapter):
    """Reports of parcels of many carriers. Nothing is bought here, and nothing asked."""

    name = "17TRACK"
    is_aggregator = True
    webhook_scheme = "seventeen_track"

    def parse_webhook(self, body, headers):
        return messages.parse_webhook(body, self.code)
