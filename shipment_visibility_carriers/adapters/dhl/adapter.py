"""DHL as Odoo knows it: a source that only reports."""

from collections.abc import Mapping

from ..base import CarrierAdapter, register
from . import messages


@register("dhl")
class DhlAdapter(CarrierAdapter):
    """Tracking messages of DHL's divisions; nothing is asked of it."""

    name = "DHL"
    webhook_scheme = "dhl_push"
    tracking_url = "https://www.dhl.com/en/express/tracking.html?AWB={tracking_number}"

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]):
        return messages.parse_webhook(body, self.code)
