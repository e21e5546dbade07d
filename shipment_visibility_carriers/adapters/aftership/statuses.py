"""AfterShip's tags and subtags, which name their tag: ``InTransit_007``.

Not described where we could read it, hence unknown: InTransit_011 to 013, Exception_014 and 015.
"""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

SUBTAGS: Mapping[str, tuple[Code, str]] = {
    "InfoReceived_001": (Code.INFO_RECEIVED, ""),
    "InTransit_001": (Code.IN_TRANSIT, ""),
    "InTransit_002": (Code.PICKED_UP, ""),
    "InTransit_003": (Code.ARRIVED, ""),
    "InTransit_004": (Code.ARRIVED, ""),
    "InTransit_005": (Code.CUSTOMS_CLEARED, ""),
    "InTransit_006": (Code.CUSTOMS_PROCESSING, ""),
    "InTransit_007": (Code.DEPARTED, ""),
    "InTransit_008": (Code.IN_TRANSIT, ""),
    "InTransit_009": (Code.IN_TRANSIT, ""),
    "OutForDelivery_001": (Code.OUT_FOR_DELIVERY, ""),
    # The consignee was called, or chose a day: the parcel is not on its last way yet.
    "OutForDelivery_003": (Code.DELIVERY_SCHEDULED, ""),
    "OutForDelivery_004": (Code.DELIVERY_SCHEDULED, ""),
    "AvailableForPickup_001": (Code.AVAILABLE_FOR_PICKUP, ""),
    "Delivered_001": (Code.DELIVERED, ""),
    "Delivered_002": (Code.DELIVERED, ""),
    "Delivered_003": (Code.DELIVERED, ""),
    "Delivered_004": (Code.DELIVERED, ""),
    "Delivered_005": (Code.DELIVERED, ""),
    "AttemptFail_001": (Code.ATTEMPT_FAILED, ""),
    "AttemptFail_002": (Code.ATTEMPT_FAILED, "consignee_not_home"),
    "AttemptFail_003": (Code.ATTEMPT_FAILED, "consignee_business_closed"),
    "Exception_001": (Code.ON_HOLD, ""),
    "Exception_002": (Code.ATTEMPT_FAILED, "consignee_incorrect_address"),
    "Exception_003": (Code.ATTEMPT_FAILED, "consignee_refused"),
    "Exception_004": (Code.CUSTOMS_HELD, "customs_delay"),
    "Exception_005": (Code.DELAYED, ""),
    "Exception_006": (Code.ON_HOLD, ""),
    "Exception_007": (Code.ON_HOLD, "consignee_incorrect_address"),
    "Exception_008": (Code.ON_HOLD, ""),
    "Exception_009": (Code.ON_HOLD, "retailer_incorrect_parcel"),
    "Exception_010": (Code.RETURNING, ""),
    "Exception_011": (Code.RETURNED, ""),
    "Exception_012": (Code.DAMAGED, "carrier_damaged_parcel"),
    "Exception_013": (Code.LOST, "carrier_parcel_lost"),
    "Exception_016": (Code.DELAYED, ""),
    "Exception_017": (Code.DELAYED, "weather_delay"),
    "Exception_018": (Code.CUSTOMS_HELD, "customs_documentation"),
    "Exception_019": (Code.DELAYED, ""),
    "Exception_020": (Code.CANCELLED, ""),
    "Exception_021": (Code.LOST, ""),
    # The source stopped looking after weeks of silence. The parcel may still arrive.
    "Expired_001": (Code.EXPIRED, ""),
}
# Where no subtag is given. "Pending" is a number without any news.
_BY_TAG: Mapping[str, tuple[Code, str]] = {
    "InfoReceived": (Code.INFO_RECEIVED, ""),
    "InTransit": (Code.IN_TRANSIT, ""),
    "OutForDelivery": (Code.OUT_FOR_DELIVERY, ""),
    "AvailableForPickup": (Code.AVAILABLE_FOR_PICKUP, ""),
    "Delivered": (Code.DELIVERED, ""),
    "AttemptFail": (Code.ATTEMPT_FAILED, ""),
    "Exception": (Code.ON_HOLD, ""),
    "Expired": (Code.EXPIRED, ""),
}


def meaning(tag: str, subtag: str) -> tuple[str, Code, str]:
    """The raw code, which is the subtag where there is one, what it means, and why."""
    found = SUBTAGS.get(subtag) if subtag else _BY_TAG.get(tag)
    return subtag or tag, *(found or (Code.UNKNOWN, ""))
