"""FedEx as Odoo knows it: a source that only reports."""

from collections.abc import Mapping

from ..base import CarrierAdapter, register
from . import messages


@register("fedex")
class FedExAdapter(CarrierAdapter):
    """Tracking messages of FedEx; nothing is asked of it."""

    name = "FedEx"
    webhook_scheme = "fedex"
    tracking_url = "https://www.fedex.com/fedextrack/?trknbr={tracking_number}"

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]):
        return messages.parse_webhook(body, self.code)
