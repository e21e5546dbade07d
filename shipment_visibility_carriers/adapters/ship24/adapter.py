"""Ship24 as Odoo knows it: a source that only reports."""

from collections.abc import Mapping

from ..base import CarrierAdapter, register
from . import messages


@register("ship24")
class Ship24Adapter(CarrierAdapter):
    """Tracking messages of the couriers that Ship24 follows; nothing is asked of it."""

    name = "Ship24"
    is_aggregator = True
    webhook_scheme = "ship24"
    tracking_url = "https://www.ship24.com/tracking?p={tracking_number}"

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]):
        return messages.parse_webhook(body, self.code)
