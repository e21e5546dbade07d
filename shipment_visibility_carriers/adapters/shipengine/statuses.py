"""ShipEngine's ``status_code`` and ``status_detail_code``.

The details are those of ShipEngine's OpenAPI file and of the ShipStation API's, which are not the
same list. Where a detail's description says more than its name, the description counts.
"""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

DETAILS: Mapping[str, tuple[Code, str]] = {
    "SHIPMENT_CREATED": (Code.INFO_RECEIVED, ""),
    "ELEC_ADVICE_RECD_BY_CARRIER": (Code.INFO_RECEIVED, ""),
    "AWAITING_ELECTRONIC_ADVICE": (Code.INFO_RECEIVED, ""),
    "AWAITING_PICKUP_DROP_OFF": (Code.PICKUP_SCHEDULED, ""),
    "AWAITING_DESPATCH": (Code.PICKUP_SCHEDULED, ""),
    "COLLECTION_REQUESTED": (Code.PICKUP_SCHEDULED, ""),
    "PICKUP_FAILED": (Code.PICKUP_FAILED, ""),
    "COLLECTION_FAILED": (Code.PICKUP_FAILED, ""),
    "NOT_YET_RECEIVED_BY_CARRIER": (Code.PICKUP_FAILED, "shipper_not_ready"),
    "PICKED_UP": (Code.PICKED_UP, ""),
    "DROPPED_OFF": (Code.PICKED_UP, ""),
    "COLLECTION_MADE": (Code.PICKED_UP, ""),
    "DESPATCHED": (Code.PICKED_UP, ""),
    "RECEIVED_BY_CARRIER": (Code.PICKED_UP, ""),
    "HUB_SCAN_OUT": (Code.DEPARTED, ""),
    "IN_TRANSIT": (Code.IN_TRANSIT, ""),
    "HUB_PROCESSING": (Code.IN_TRANSIT, ""),
    "PARCEL_OVER_LABELLED": (Code.IN_TRANSIT, ""),
    "SUB_CONTRACTOR_EVENT": (Code.IN_TRANSIT, ""),
    "SUB_CONTRACTOR_RECEIVED": (Code.IN_TRANSIT, ""),
    "HUB_SCAN_IN": (Code.ARRIVED, ""),
    "CUSTOMS_PROCESSING": (Code.CUSTOMS_PROCESSING, ""),
    "HELD_BY_CUSTOMS": (Code.CUSTOMS_HELD, ""),
    "HELD_BY_EXPORT_CUSTOMS": (Code.CUSTOMS_HELD, ""),
    "HELD_BY_IMPORT_CUSTOMS": (Code.CUSTOMS_HELD, ""),
    "HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING": (Code.CUSTOMS_HELD, ""),
    "DUTY_NOT_PAID": (Code.CUSTOMS_HELD, "customs_duties_unpaid"),
    "CUSTOMS_CLEARED": (Code.CUSTOMS_CLEARED, ""),
    "RECEIVED_LOCAL_DELIVERY_DEPOT": (Code.AT_DESTINATION, ""),
    "DELIVERY_SCHEDULED": (Code.DELIVERY_SCHEDULED, ""),
    "DELIVERY_RESCHEDULED": (Code.DELIVERY_SCHEDULED, ""),
    "DELIVERY_ARRANGED_WITH_RECIPIENT": (Code.DELIVERY_SCHEDULED, ""),
    "OUT_FOR_DELIVERY": (Code.OUT_FOR_DELIVERY, ""),
    "ATTEMPTED_DELIVERY": (Code.ATTEMPT_FAILED, ""),
    "ATTEMPTED_DELIVERY_2ND": (Code.ATTEMPT_FAILED, ""),
    "ATTEMPTED_DELIVERY_3RD": (Code.ATTEMPT_FAILED, ""),
    "CUSTOMER_CARDED": (Code.ATTEMPT_FAILED, ""),
    "CUSTOMER_MOVED": (Code.ATTEMPT_FAILED, "consignee_incorrect_address"),
    "CUSTOMER_IDENTIFICATION_FAILED": (
        Code.ATTEMPT_FAILED,
        "consignee_verification_failed",
    ),
    "INVALID_METHOD_OF_PAYMENT": (Code.ATTEMPT_FAILED, ""),
    "NO_ACCESS_TO_RECIPIENTS_ADDRESS": (
        Code.ATTEMPT_FAILED,
        "consignee_access_restricted",
    ),
    "NOT_DELIVERED": (Code.ATTEMPT_FAILED, ""),
    "NOT_DELIVERED_ADDRESSEE_DECEASED": (Code.ATTEMPT_FAILED, ""),
    "REFUSED_BY_CUSTOMER": (Code.ATTEMPT_FAILED, "consignee_refused"),
    "AWAITING_COLLECTION_FROM_PICKUP_POINT": (Code.AVAILABLE_FOR_PICKUP, ""),
    "COLLECT_AT_LOCAL_PO": (Code.AVAILABLE_FOR_PICKUP, ""),
    "CUSTOMER_TO_COLLECT_FROM_CARRIER": (Code.AVAILABLE_FOR_PICKUP, ""),
    # Delivered by its name only: nobody has fetched it yet.
    "DELIVERED_TO_PICKUP_POINT": (Code.AVAILABLE_FOR_PICKUP, ""),
    "DELIVERED_TO_LOCKER_COLLECTION_POINT": (Code.AVAILABLE_FOR_PICKUP, ""),
    "DELIVERED_IN_PART": (Code.PARTIALLY_DELIVERED, ""),
    "DELIVERED": (Code.DELIVERED, ""),
    "DELIVERED_DAMAGED": (Code.DELIVERED, ""),
    "DELIVERED_SPECIFIED_SAFE_PLACE": (Code.DELIVERED, ""),
    "DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION": (Code.DELIVERED, ""),
    "DELIVERED_TO_NEIGHBOUR": (Code.DELIVERED, ""),
    "DELIVERED_TO_PO_BOX": (Code.DELIVERED, ""),
    "PARCEL_COLLECTED_FROM_PICKUP_POINT": (Code.DELIVERED, ""),
    "PROOF_OF_DELIVERY": (Code.DELIVERED, ""),
    "CARRIER_DELAYS": (Code.DELAYED, ""),
    "DELAYED_NOT_CARRIER": (Code.DELAYED, ""),
    "MISROUTED": (Code.DELAYED, "carrier_sorting_error"),
    "MISSORTED": (Code.DELAYED, "carrier_sorting_error"),
    "ROUTING_ERROR": (Code.DELAYED, "carrier_sorting_error"),
    "HELD_BY_CARRIER": (Code.ON_HOLD, ""),
    "ADDRESS_QUERY": (Code.ON_HOLD, "consignee_incorrect_address"),
    "COD_AMOUNT_NOT_PAID": (Code.ON_HOLD, ""),
    # "Incorrect shipment dimensions", by its description.
    "INCORRECT_DECLARATION": (Code.ON_HOLD, "retailer_incorrect_dimensions"),
    "PARCEL_DAMAGED": (Code.DAMAGED, "carrier_damaged_parcel"),
    "PARCEL_REPACKED": (Code.DAMAGED, "carrier_damaged_parcel"),
    "PARCEL_LOST": (Code.LOST, "carrier_parcel_lost"),
    "PARCEL_DISPOSED": (Code.LOST, ""),
    "RETURN_TO_SENDER": (Code.RETURNING, ""),
    "HAZARDOUS_PROHIBITED": (Code.RETURNING, ""),
    "NOT_COLLECTED_FROM_PICKUP_POINT": (Code.RETURNING, ""),
    "PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY": (
        Code.RETURNING,
        "retailer_incorrect_dimensions",
    ),
    "UNDELIVERABLE_RETURNED_TO_SENDER": (Code.RETURNED, ""),
    "CANCELLED": (Code.CANCELLED, ""),
    "CANCELLED_BEFORE_DESPATCH": (Code.CANCELLED, ""),
    "TRACKING_EXPIRED": (Code.EXPIRED, ""),
    # Known, and nothing is said of where the parcel is.
    "COD_AMOUNT_PAID": (Code.UNKNOWN, ""),
    "INFORMATION": (Code.UNKNOWN, ""),
    "PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL": (Code.UNKNOWN, ""),
    "PARCEL_UPDATE_NOTIFICATION_VIA_SMS": (Code.UNKNOWN, ""),
    "POST_TRANSIT_STATUS": (Code.UNKNOWN, ""),
}
# What is delivered and damaged is both.
ALSO_DAMAGED = frozenset({"DELIVERED_DAMAGED"})

_SILENT = frozenset({"", "CARRIER_STATUS_NOT_MAPPED", "RECD_BY_CARRIER_NO_ELEC_ADVICE"})
# Where no detail is given. "EX" alone means nothing: USPS has it on parcels that are on time.
# "AC" is accepted, which a carrier may also say of a label: it is no proof of possession.
_BY_STATUS: Mapping[str, tuple[Code, str]] = {
    "AC": (Code.INFO_RECEIVED, ""),
    "IT": (Code.IN_TRANSIT, ""),
    "SP": (Code.AVAILABLE_FOR_PICKUP, ""),
    "DE": (Code.DELIVERED, ""),
    "AT": (Code.ATTEMPT_FAILED, ""),
}


def meaning(status: str, detail: str) -> tuple[str, Code, str]:
    """The raw code of status and detail, what they mean together, and why."""
    raw_code = "/".join(filter(None, (status, detail)))
    found = _BY_STATUS.get(status) if detail in _SILENT else DETAILS.get(detail)
    return raw_code, *(found or (Code.UNKNOWN, ""))
