"""EasyPost's own words, and what they mean here.

Services, their names and limits: the answer of ``GET /metadata/carriers``. Statuses:
https://docs.easypost.com/docs/trackers. Fees: https://docs.easypost.com/docs/shipments.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.operations import ServiceLimits
from ....shipment_visibility.canonical.schema import Mass

# These say all by themselves: a delivered parcel's detail is "arrived_at_destination".
_DECIDED: Mapping[str, tuple[Code, str]] = {
    "delivered": (Code.DELIVERED, ""),
    "out_for_delivery": (Code.OUT_FOR_DELIVERY, ""),
    "available_for_pickup": (Code.AVAILABLE_FOR_PICKUP, ""),
    # The way back has begun. That it ended is only known by receipt.
    "return_to_sender": (Code.RETURNING, ""),
    "cancelled": (Code.CANCELLED, ""),
}
_BY_DETAIL: Mapping[str, tuple[Code, str]] = {
    "label_created": (Code.INFO_RECEIVED, ""),
    "awaiting_information": (Code.INFO_RECEIVED, ""),
    "received_at_origin_facility": (Code.PICKED_UP, ""),
    "departed_facility": (Code.DEPARTED, ""),
    "departed_origin_facility": (Code.DEPARTED, ""),
    "in_transit": (Code.IN_TRANSIT, ""),
    "transferred_to_destination_carrier": (Code.IN_TRANSIT, ""),
    "arrived_at_facility": (Code.ARRIVED, ""),
    "received_at_destination_facility": (Code.AT_DESTINATION, ""),
    "arrived_at_destination": (Code.AT_DESTINATION, ""),
    "out_for_delivery": (Code.OUT_FOR_DELIVERY, ""),
    "failure": (Code.ATTEMPT_FAILED, ""),
    "delivery_exception": (Code.ATTEMPT_FAILED, ""),
    "refused": (Code.ATTEMPT_FAILED, "consignee_refused"),
    "arrived_at_pickup_location": (Code.AVAILABLE_FOR_PICKUP, ""),
    "delayed": (Code.DELAYED, ""),
    "weather_delay": (Code.DELAYED, "weather_delay"),
    "missorted": (Code.DELAYED, "carrier_sorting_error"),
    "transit_exception": (Code.DELAYED, ""),
    "held": (Code.ON_HOLD, ""),
    "address_correction": (Code.ON_HOLD, "consignee_incorrect_address"),
    "damaged": (Code.DAMAGED, "carrier_damaged_parcel"),
    "lost": (Code.LOST, "carrier_parcel_lost"),
    "return": (Code.RETURNING, ""),
    "cancelled": (Code.CANCELLED, ""),
    "expired": (Code.EXPIRED, ""),
}
# Where the detail says nothing, the status does. "unknown" and "error" say nothing at all.
_SILENT = frozenset({"", "status_update", "unknown"})
_BY_STATUS: Mapping[str, tuple[Code, str]] = {
    "pre_transit": (Code.INFO_RECEIVED, ""),
    "in_transit": (Code.IN_TRANSIT, ""),
    "failure": (Code.ATTEMPT_FAILED, ""),
}
# The carrier's own code, where EasyPost has flattened it into "in transit".
_BY_CARRIER_CODE: Mapping[str, tuple[Code, str]] = {"PU": (Code.PICKED_UP, "")}


def meaning(status: str, detail: str, carrier_code: str) -> tuple[str, Code, str]:
    """What EasyPost's status, its detail and the carrier's own code mean together.

    :return: the raw code composed of them, what it means, and why. What is not documented
        is :attr:`Code.UNKNOWN`.
    """
    raw_code = f"{status}/{detail}"
    if status in _DECIDED:
        return raw_code, *_DECIDED[status]
    flattened = status == "in_transit" and detail in _SILENT | {"in_transit"}
    if flattened and carrier_code in _BY_CARRIER_CODE:
        return f"{raw_code}/{carrier_code}", *_BY_CARRIER_CODE[carrier_code]
    found = _BY_STATUS.get(status) if detail in _SILENT else _BY_DETAIL.get(detail)
    return raw_code, *(found or (Code.UNKNOWN, ""))


# Charge family of canonical.schema.CHARGE_FAMILIES by the fee's type; others, such as the
# LabelFee, are accessorial.
FEES: Mapping[str, str] = {"PostageFee": "freight", "InsuranceFee": "insurance"}


class OpenServices(dict):
    """Names of the services most people use; any other ``Carrier/Service`` is one too.

    EasyPost adds carriers and services all the time, and an account may have its own.
    """

    _FORM = re.compile(r"[^/\s][^/]*/[^/]*[^/\s]")

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and bool(self._FORM.fullmatch(code))


SERVICES: Mapping[str, str] = OpenServices(
    {
        "USPS/GroundAdvantage": "USPS Ground Advantage",
        "USPS/Priority": "USPS Priority Mail",
        "USPS/Express": "USPS Priority Mail Express",
        "USPS/MediaMail": "USPS Media Mail",
        "USPS/LibraryMail": "USPS Library Mail",
        "USPS/FirstClassPackageInternationalService": "USPS First-Class Package International",
        "USPS/PriorityMailInternational": "USPS Priority Mail International",
        "USPS/ExpressMailInternational": "USPS Priority Mail Express International",
        "UPS/Ground": "UPS Ground",
        "UPS/UPSStandard": "UPS Standard",
        "UPS/UPSSaver": "UPS Worldwide Saver",
        "UPS/Express": "UPS Worldwide Express",
        "UPS/ExpressPlus": "UPS Worldwide Express Plus",
        "UPS/Expedited": "UPS Worldwide Expedited",
        "UPS/NextDayAir": "UPS Next Day Air",
        "UPS/NextDayAirSaver": "UPS Next Day Air Saver",
        "UPS/NextDayAirEarlyAM": "UPS Next Day Air Early",
        "UPS/2ndDayAir": "UPS 2nd Day Air",
        "UPS/2ndDayAirAM": "UPS 2nd Day Air A.M.",
        "UPS/3DaySelect": "UPS 3 Day Select",
    }
)

_USPS_GIRTH = Decimal("274.32")  # 108 inches


def _usps(ounces: int) -> ServiceLimits:
    return ServiceLimits(
        weight=Mass(value=Decimal(ounces), unit="oz"), length_and_girth=_USPS_GIRTH
    )


LIMITS: Mapping[str, ServiceLimits] = {
    "USPS/Priority": _usps(1120),
    "USPS/Express": _usps(1120),
    "USPS/MediaMail": _usps(1120),
    "USPS/LibraryMail": _usps(1120),
    "USPS/FirstClassPackageInternationalService": _usps(64),
    "USPS/PriorityMailInternational": _usps(1120),
    "USPS/ExpressMailInternational": _usps(1120),
}
