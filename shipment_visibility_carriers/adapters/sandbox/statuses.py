"""The sandbox's own codes. A real carrier's page would be named here."""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

# Code -> what it means, and why where the code says it.
STATUSES: Mapping[str, tuple[Code, str]] = {
    "LBL": (Code.INFO_RECEIVED, ""),
    "PUS": (Code.PICKUP_SCHEDULED, ""),
    "PUF": (Code.PICKUP_FAILED, "shipper_not_ready"),
    "PUP": (Code.PICKED_UP, ""),
    "DEP": (Code.DEPARTED, ""),
    "TRN": (Code.IN_TRANSIT, ""),
    "ARR": (Code.ARRIVED, ""),
    "CUS": (Code.CUSTOMS_PROCESSING, ""),
    "CUH": (Code.CUSTOMS_HELD, "customs_documentation"),
    "CUD": (Code.CUSTOMS_HELD, "customs_duties_unpaid"),
    "CUI": (Code.CUSTOMS_HELD, "customs_inspection"),
    "CUC": (Code.CUSTOMS_CLEARED, ""),
    "DPT": (Code.AT_DESTINATION, ""),
    "SCH": (Code.DELIVERY_SCHEDULED, ""),
    "OFD": (Code.OUT_FOR_DELIVERY, ""),
    "ATF": (Code.ATTEMPT_FAILED, "consignee_not_available"),
    "REF": (Code.ATTEMPT_FAILED, "consignee_refused"),
    "ADR": (Code.ATTEMPT_FAILED, "consignee_incorrect_address"),
    "APP": (Code.AVAILABLE_FOR_PICKUP, ""),
    "DLP": (Code.PARTIALLY_DELIVERED, ""),
    "DLV": (Code.DELIVERED, ""),
    "DLY": (Code.DELAYED, "carrier_mechanical_delay"),
    "WTH": (Code.DELAYED, "weather_delay"),
    "MIS": (Code.DELAYED, "carrier_sorting_error"),
    "HLD": (Code.ON_HOLD, "carrier_address_not_found"),
    "DMG": (Code.DAMAGED, "carrier_damaged_parcel"),
    "LST": (Code.LOST, "carrier_parcel_lost"),
    "RTS": (Code.RETURNING, ""),
    "RTD": (Code.RETURNED, ""),
    "CAN": (Code.CANCELLED, ""),
    "EXP": (Code.EXPIRED, ""),
}

# Charge code -> family of canonical.schema.CHARGE_FAMILIES.
CHARGES: Mapping[str, str] = {
    "FRT": "freight",
    "FUE": "fuel",
    "B12": "accessorial",
    "INS": "insurance",
    "RET": "return",
    "SIG": "accessorial",
    "ADS": "accessorial",
    "SAT": "accessorial",
    "DTP": "brokerage",
    "PIC": "accessorial",
}
