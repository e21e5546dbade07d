"""Sendcloud's parcel statuses by their ids.

Known and yet without a row, because they say nothing of where the parcel is: 10 (delivery was
forced, which is no scan), 94, 1002, 1999 and 2001 (a cancellation or announcement that is not
done), 999 (no label) and 1337 (unknown).
"""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

STATUSES: Mapping[int, tuple[Code, str]] = {
    1: (Code.INFO_RECEIVED, ""),
    3: (Code.IN_TRANSIT, ""),
    4: (Code.DELAYED, ""),
    5: (Code.ARRIVED, ""),
    6: (Code.DELAYED, "carrier_sorting_error"),
    7: (Code.IN_TRANSIT, ""),
    8: (Code.ATTEMPT_FAILED, ""),
    11: (Code.DELIVERED, ""),
    12: (Code.AVAILABLE_FOR_PICKUP, ""),
    13: (Code.PICKUP_SCHEDULED, ""),
    15: (Code.PICKUP_FAILED, ""),
    18: (Code.DELAYED, "carrier_sorting_error"),
    22: (Code.PICKED_UP, ""),
    80: (Code.ATTEMPT_FAILED, ""),
    91: (Code.IN_TRANSIT, ""),
    92: (Code.OUT_FOR_DELIVERY, ""),
    93: (Code.DELIVERED, ""),
    1000: (Code.INFO_RECEIVED, ""),
    1001: (Code.INFO_RECEIVED, ""),
    1998: (Code.CANCELLED, ""),
    2000: (Code.CANCELLED, ""),
    62989: (Code.CUSTOMS_PROCESSING, ""),
    62990: (Code.ARRIVED, ""),
    62991: (Code.ATTEMPT_FAILED, "consignee_refused"),
    # Sent back; that it ended at the sender is only known by receipt.
    62992: (Code.RETURNING, ""),
    62993: (Code.DELIVERY_SCHEDULED, ""),
    62994: (Code.DELIVERY_SCHEDULED, ""),
    62996: (Code.ON_HOLD, ""),
}


def meaning(status: int) -> tuple[Code, str]:
    """What a status means, and why."""
    return STATUSES.get(status, (Code.UNKNOWN, ""))
