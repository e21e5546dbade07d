"""Easyship's statuses, and what they mean here.

The list: https://developers.easyship.com/reference/shipmenttrackingstatuschanged. It defines
none of them. "No Recent Tracking Updates" and "Uncancelled" say nothing of the parcel and have
no row.
"""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

_STATUSES: Mapping[str, tuple[Code, str]] = {
    "Shipped": (Code.IN_TRANSIT, ""),
    "Shipped (No Tracking Provided)": (Code.IN_TRANSIT, ""),
    "In Transit to Consolidation Center": (Code.IN_TRANSIT, ""),
    "Arrived at Consolidation Center": (Code.ARRIVED, ""),
    "Processing at Consolidation Center": (Code.IN_TRANSIT, ""),
    "In Transit to Customer": (Code.IN_TRANSIT, ""),
    "Out for Delivery": (Code.OUT_FOR_DELIVERY, ""),
    "Failed Delivery Attempt": (Code.ATTEMPT_FAILED, ""),
    # Of whatever kind: somebody has to look.
    "Exception": (Code.ON_HOLD, ""),
    "Delivered": (Code.DELIVERED, ""),
    "To be returned": (Code.RETURNING, ""),
    "Lost by Courier": (Code.LOST, "carrier_parcel_lost"),
    "Liquidated": (Code.LOST, ""),
    "Delivery Expected (End of Updates)": (Code.EXPIRED, ""),
}
_BY_NAME = {name.casefold(): meant for name, meant in _STATUSES.items()}


def meaning(status: str) -> tuple[Code, str]:
    """What a status means, and why."""
    return _BY_NAME.get(status.strip().casefold(), (Code.UNKNOWN, ""))
