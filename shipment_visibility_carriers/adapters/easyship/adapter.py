"""Easyship as Odoo knows it: a source that only reports."""

from collections.abc import Mapping

from ..base import CarrierAdapter, register
from . import messages


@register("easyship")
class EasyshipAdapter(CarrierAdapter):
    """Tracking messages of the couriers that Easyship ships with; nothing is asked of it."""

    name = "Easyship"
    is_aggregator = True
    webhook_scheme = "easyship"

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]):
        return messages.parse_webhook(body, self.code)
