"""UPS's codes of what happened to a parcel and of what it charges.

A parcel's code is a pair, ``type/code``: neither alone means anything (``AR`` of type ``I`` is an
arrival, of type ``X`` it is not). UPS has some hundred codes and changes them; beside each it
sends a ``statusCode`` of about seventy, the documented summary of the pair. So a pair has its own
row in :data:`PAIRS` where it says more, else it is known by type and summary together. What is
in neither, such as the summary 013 "Exception", stays unknown.

Pairs: UPS's Tracking and Track Alert files (``D/FS``, ``I/OT`` and the FAQ that puts out for
delivery under ``D``); summaries: https://developer.ups.com/api/reference/tracking/api-codes.
"""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

PAIRS: Mapping[str, tuple[Code, str]] = {
    "M/MP": (Code.INFO_RECEIVED, ""),
    "MV/VP": (Code.CANCELLED, ""),
    "I/OR": (Code.PICKED_UP, ""),
    "I/DP": (Code.DEPARTED, ""),
    "I/AR": (Code.ARRIVED, ""),
    "I/OT": (Code.OUT_FOR_DELIVERY, ""),
    "D/OT": (Code.OUT_FOR_DELIVERY, ""),
    "D/FS": (Code.DELIVERED, ""),
    "D/KB": (Code.DELIVERED, ""),
    "D/F4": (Code.DELIVERED, ""),
    "D/ZP": (Code.AVAILABLE_FOR_PICKUP, ""),
}

# Summary -> the types it is believed with, what it means, and why where it says so.
SUMMARIES: Mapping[str, tuple[str, Code, str]] = {
    "003": ("M", Code.INFO_RECEIVED, ""),
    "005": ("I", Code.IN_TRANSIT, ""),
    "006": ("I D", Code.OUT_FOR_DELIVERY, ""),
    "007": ("M MV", Code.CANCELLED, ""),
    "010": ("I", Code.IN_TRANSIT, ""),
    "011": ("D", Code.DELIVERED, ""),
    "012": ("I X U", Code.CUSTOMS_PROCESSING, ""),
    "014": ("I X U", Code.CUSTOMS_CLEARED, ""),
    "016": ("I X U", Code.ON_HOLD, ""),
    "017": ("I X U D", Code.AVAILABLE_FOR_PICKUP, ""),
    "018": ("X U", Code.ON_HOLD, ""),
    "019": ("X U I", Code.ON_HOLD, ""),
    "021": ("I D", Code.OUT_FOR_DELIVERY, ""),
    "022": ("X U D", Code.ATTEMPT_FAILED, ""),
    "023": ("X U D", Code.ATTEMPT_FAILED, ""),
    "024": ("X U D", Code.ATTEMPT_FAILED, ""),
    "025": ("I D", Code.IN_TRANSIT, ""),
    "026": ("D", Code.DELIVERED, ""),
    "032": ("X U I", Code.DELAYED, "weather_delay"),
    "034": ("X U D I", Code.RETURNED, ""),
    "035": ("X U I", Code.RETURNING, ""),
    "036": ("X U I", Code.RETURNING, ""),
    "037": ("X U I D", Code.RETURNING, ""),
    "038": ("I P", Code.PICKED_UP, ""),
    "039": ("I", Code.IN_TRANSIT, ""),
    "040": ("D I", Code.AVAILABLE_FOR_PICKUP, ""),
    "044": ("I M", Code.IN_TRANSIT, ""),
    "045": ("I M", Code.IN_TRANSIT, ""),
    "046": ("X U", Code.DELAYED, ""),
    "047": ("X U", Code.DELAYED, ""),
    "048": ("X U", Code.DELAYED, ""),
    "049": ("X U", Code.DELAYED, ""),
    "050": ("X U", Code.ON_HOLD, "consignee_incorrect_address"),
    "051": ("X U", Code.DELAYED, "weather_delay"),
    "052": ("X U", Code.DELAYED, "weather_delay"),
    "055": ("X U", Code.DELIVERY_SCHEDULED, ""),
    "057": ("I X U", Code.IN_TRANSIT, ""),
    "058": ("X U I", Code.CUSTOMS_HELD, "customs_documentation"),
    "059": ("X U", Code.DAMAGED, "carrier_damaged_parcel"),
    "060": ("X U D", Code.ATTEMPT_FAILED, ""),
    "061": ("X U D", Code.ATTEMPT_FAILED, "consignee_verification_failed"),
    "062": ("X U D", Code.ATTEMPT_FAILED, ""),
    "064": ("X U D", Code.ATTEMPT_FAILED, "consignee_refused"),
    "065": ("X U P", Code.PICKUP_FAILED, ""),
    "066": ("X U D", Code.ATTEMPT_FAILED, ""),
    "067": ("X U D", Code.RETURNED, ""),
    "068": ("X U", Code.LOST, "carrier_parcel_lost"),
    "071": ("I", Code.AT_DESTINATION, ""),
}


def meaning(kind: str, code: str, summary: str) -> tuple[Code, str]:
    """What type, code and summary say together, and why."""
    if pair := PAIRS.get(f"{kind}/{code}"):
        return pair
    kinds, meant, reason = SUMMARIES.get(summary.zfill(3), ("", Code.UNKNOWN, ""))
    return (meant, reason) if kind in kinds.split() else (Code.UNKNOWN, "")


# Charge code -> family of canonical.schema.CHARGE_FAMILIES; the others are accessorials.
# https://developer.ups.com/api/reference/rating/appendix, "Accessorials and surcharges".
CHARGES: Mapping[str, str] = {
    "375": "fuel",
    "270": "residential",
    **dict.fromkeys(("190", "376", "407"), "area"),
    **dict.fromkeys(
        ("100", "377", "401", "431", "432", "440", "520", "558"), "handling"
    ),
    **dict.fromkeys(
        ("250", "260", "280", "290", "350", *map(str, range(454, 465)), "524"), "return"
    ),
    "400": "insurance",
    "378": "duty",
    "379": "duty",
}

SERVICES: Mapping[str, str] = {
    "01": "UPS Next Day Air",
    "02": "UPS 2nd Day Air",
    "03": "UPS Ground",
    "07": "UPS Express",
    "08": "UPS Expedited",
    "11": "UPS Standard",
    "12": "UPS 3 Day Select",
    "13": "UPS Next Day Air Saver",
    "14": "UPS Next Day Air Early",
    "17": "UPS Worldwide Economy DDU",
    "54": "UPS Express Plus",
    "59": "UPS 2nd Day Air A.M.",
    "65": "UPS Saver",
    "70": "UPS Access Point Economy",
    "72": "UPS Worldwide Economy DDP",
    "74": "UPS Express 12:00",
    "75": "UPS Heavy Goods",
    "82": "UPS Today Standard",
    "83": "UPS Today Dedicated Courier",
    "84": "UPS Today Intercity",
    "85": "UPS Today Express",
    "86": "UPS Today Express Saver",
}
