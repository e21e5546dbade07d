"""Ship24's status codes, and what they mean here: https://docs.ship24.com/status."""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

_CODES: Mapping[str, tuple[Code, str]] = {
    "data_order_created": (Code.INFO_RECEIVED, ""),
    "data_order_cancelled": (Code.CANCELLED, ""),
    "data_delivery_decided": (Code.DELIVERY_SCHEDULED, ""),
    "transit_handover": (Code.PICKED_UP, ""),
    "transit_origin_country_departure": (Code.DEPARTED, ""),
    "destination_arrival": (Code.ARRIVED, ""),
    "customs_received": (Code.CUSTOMS_PROCESSING, ""),
    "customs_exception": (Code.CUSTOMS_HELD, ""),
    "customs_rejected": (Code.CUSTOMS_HELD, ""),
    "customs_cleared": (Code.CUSTOMS_CLEARED, ""),
    "delivery_available_for_pickup": (Code.AVAILABLE_FOR_PICKUP, ""),
    "delivery_out_for_delivery": (Code.OUT_FOR_DELIVERY, ""),
    "delivery_attempted": (Code.ATTEMPT_FAILED, ""),
    # "Issue during delivery or preventing delivery, which usually could be solved."
    "delivery_exception": (Code.ON_HOLD, ""),
    "delivery_refused": (Code.ATTEMPT_FAILED, "consignee_refused"),
    "delivery_delivered": (Code.DELIVERED, ""),
    # "Will be or being returned": that it is back is only known by receipt.
    "exception_return": (Code.RETURNING, ""),
    "exception_lost": (Code.LOST, "carrier_parcel_lost"),
    "exception_discarded": (Code.LOST, ""),
}
# An event that Ship24 finds insignificant, such as a scan on the way, has no code; its milestone
# is that of the shipment so far. Of a delivery or an attempt it would say again what was said.
_ON_THE_WAY: Mapping[str, Code] = {
    "info_received": Code.INFO_RECEIVED,
    "in_transit": Code.IN_TRANSIT,
}


def meaning(milestone: str, code: str) -> tuple[str, Code, str]:
    """The raw code composed of an event's milestone and code, what they mean, and why."""
    if code:
        return f"{milestone}/{code}", *_CODES.get(code, (Code.UNKNOWN, ""))
    return milestone, _ON_THE_WAY.get(milestone, Code.UNKNOWN), ""
