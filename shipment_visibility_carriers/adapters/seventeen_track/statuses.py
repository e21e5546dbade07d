"""17TRACK's sub statuses, which name their main status, and what there is without one.

``InTransit_TransportArrived`` and ``InTransit_TransportDeparted`` were seen and are not
documented, hence unknown.
"""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

SUB_STATUSES: Mapping[str, tuple[Code, str]] = {
    "NotFound_Other": (Code.UNKNOWN, ""),
    "NotFound_InvalidCode": (Code.UNKNOWN, ""),
    "InfoReceived": (Code.INFO_RECEIVED, ""),
    "InTransit_PickedUp": (Code.PICKED_UP, ""),
    "InTransit_Other": (Code.IN_TRANSIT, ""),
    # From and at a port, of which country ever.
    "InTransit_Departure": (Code.DEPARTED, ""),
    "InTransit_Arrival": (Code.ARRIVED, ""),
    "InTransit_CustomsProcessing": (Code.CUSTOMS_PROCESSING, ""),
    "InTransit_CustomsReleased": (Code.CUSTOMS_CLEARED, ""),
    "InTransit_CustomsRequiringInformation": (
        Code.CUSTOMS_HELD,
        "customs_documentation",
    ),
    # No news for long. The parcel may still arrive.
    "Expired_Other": (Code.EXPIRED, ""),
    "AvailableForPickup_Other": (Code.AVAILABLE_FOR_PICKUP, ""),
    "OutForDelivery_Other": (Code.OUT_FOR_DELIVERY, ""),
    "DeliveryFailure_Other": (Code.ATTEMPT_FAILED, ""),
    "DeliveryFailure_NoBody": (Code.ATTEMPT_FAILED, "consignee_not_available"),
    "DeliveryFailure_Security": (Code.ATTEMPT_FAILED, "security_issue"),
    "DeliveryFailure_Rejected": (Code.ATTEMPT_FAILED, "consignee_refused"),
    "DeliveryFailure_InvalidAddress": (
        Code.ATTEMPT_FAILED,
        "consignee_incorrect_address",
    ),
    "Delivered_Other": (Code.DELIVERED, ""),
    "Exception_Other": (Code.ON_HOLD, ""),
    "Exception_Returning": (Code.RETURNING, ""),
    "Exception_Returned": (Code.RETURNED, ""),
    "Exception_NoBody": (Code.ATTEMPT_FAILED, "consignee_not_available"),
    # Security, customs clearance or fees, before any delivery was tried.
    "Exception_Security": (Code.CUSTOMS_HELD, ""),
    "Exception_Damage": (Code.DAMAGED, "carrier_damaged_parcel"),
    "Exception_Rejected": (Code.ATTEMPT_FAILED, "consignee_refused"),
    "Exception_Delayed": (Code.DELAYED, ""),
    "Exception_Lost": (Code.LOST, "carrier_parcel_lost"),
    "Exception_Destroyed": (Code.LOST, ""),
    "Exception_Cancel": (Code.CANCELLED, ""),
}
# The stage of an event without a sub status, and the main status of a number without one.
COARSE: Mapping[str, tuple[Code, str]] = {
    "InfoReceived": (Code.INFO_RECEIVED, ""),
    "PickedUp": (Code.PICKED_UP, ""),
    "Departure": (Code.DEPARTED, ""),
    "Arrival": (Code.ARRIVED, ""),
    "AvailableForPickup": (Code.AVAILABLE_FOR_PICKUP, ""),
    "OutForDelivery": (Code.OUT_FOR_DELIVERY, ""),
    "Delivered": (Code.DELIVERED, ""),
    "Returning": (Code.RETURNING, ""),
    "Returned": (Code.RETURNED, ""),
    "InTransit": (Code.IN_TRANSIT, ""),
    "Expired": (Code.EXPIRED, ""),
    "DeliveryFailure": (Code.ATTEMPT_FAILED, ""),
    "Exception": (Code.ON_HOLD, ""),
    "NotFound": (Code.UNKNOWN, ""),
}


def meaning(sub_status: str, coarse: str) -> tuple[str, Code, str]:
    """The raw code, which is the sub status where there is one, what it means, and why."""
    found = SUB_STATUSES.get(sub_status) if sub_status else COARSE.get(coarse)
    return sub_status or coarse, *(found or (Code.UNKNOWN, ""))
