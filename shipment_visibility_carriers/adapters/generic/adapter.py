"""Any other system as Odoo knows it: a source that only reports."""

from collections.abc import Mapping

from ..base import CarrierAdapter, register
from . import messages


@register("generic")
class GenericAdapter(CarrierAdapter):
    """Tracking events of a warehouse, a forwarder or a courier, in our own open format."""

    name = "Other System"
    is_aggregator = True
    webhook_scheme = "hmac_sha256"

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]):
        return messages.parse_webhook(body, self.code)
