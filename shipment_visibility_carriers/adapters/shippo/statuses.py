"""Shippo's statuses and substatuses: https://docs.goshippo.com/docs/tracking/tracking."""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

# These say all by themselves, whatever detail comes with them.
_DECIDED: Mapping[str, tuple[Code, str]] = {
    "DELIVERED": (Code.DELIVERED, ""),
    # The way back has begun. That it ended is only known by receipt.
    "RETURNED": (Code.RETURNING, ""),
}
SUBSTATUSES: Mapping[str, tuple[Code, str]] = {
    "information_received": (Code.INFO_RECEIVED, ""),
    "package_accepted": (Code.PICKED_UP, ""),
    "package_departed": (Code.DEPARTED, ""),
    "package_processing": (Code.IN_TRANSIT, ""),
    "package_processed": (Code.IN_TRANSIT, ""),
    "package_forwarded": (Code.IN_TRANSIT, ""),
    "package_arrived": (Code.ARRIVED, ""),
    "delivery_scheduled": (Code.DELIVERY_SCHEDULED, ""),
    "delivery_rescheduled": (Code.DELIVERY_SCHEDULED, ""),
    "out_for_delivery": (Code.OUT_FOR_DELIVERY, ""),
    "delivery_attempted": (Code.ATTEMPT_FAILED, ""),
    "notice_left": (Code.ATTEMPT_FAILED, ""),
    "location_inaccessible": (Code.ATTEMPT_FAILED, "consignee_access_restricted"),
    "package_undeliverable": (Code.ATTEMPT_FAILED, ""),
    "reschedule_delivery": (Code.ATTEMPT_FAILED, ""),
    "pickup_available": (Code.AVAILABLE_FOR_PICKUP, ""),
    "delivered": (Code.DELIVERED, ""),
    "delayed": (Code.DELAYED, ""),
    "package_held": (Code.ON_HOLD, ""),
    "address_issue": (Code.ON_HOLD, "consignee_incorrect_address"),
    "contact_carrier": (Code.ON_HOLD, ""),
    "package_damaged": (Code.DAMAGED, "carrier_damaged_parcel"),
    "package_lost": (Code.LOST, "carrier_parcel_lost"),
    "package_disposed": (Code.LOST, ""),
    "return_to_sender": (Code.RETURNING, ""),
    "package_unclaimed": (Code.RETURNING, ""),
    "other": (Code.UNKNOWN, ""),
}
# Where no detail is given. "UNKNOWN" is a number that the carrier does not know yet.
_BY_STATUS: Mapping[str, tuple[Code, str]] = {
    "PRE_TRANSIT": (Code.INFO_RECEIVED, ""),
    "TRANSIT": (Code.IN_TRANSIT, ""),
    "FAILURE": (Code.ATTEMPT_FAILED, ""),
}


def meaning(status: str, substatus: str) -> tuple[str, Code, str]:
    """The raw code of status and substatus, what they mean together, and why."""
    raw_code = "/".join(filter(None, (status, substatus)))
    if status in _DECIDED:
        return raw_code, *_DECIDED[status]
    found = SUBSTATUSES.get(substatus) if substatus else _BY_STATUS.get(status)
    return raw_code, *(found or (Code.UNKNOWN, ""))
