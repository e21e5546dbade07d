"""Pickup: ``POST /pickupcreation/v2409/pickup``, ``DELETE /shipments/v2409/pickup/02``."""

import datetime as dt
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from ....shipment_visibility.canonical.operations import Pickup, PickupRequest
from ....shipment_visibility.canonical.schema import Charge, Money
from ..errors import Refused
from ..reading import Message, Text, documented, read
from . import common
from .common import Coded, Json, filled, many

VERSION = "v2409"
CREATE_PATH = f"/pickupcreation/{VERSION}/pickup"
# 02: by the number of the pickup request, which is sent as a header.
CANCEL_PATH = f"/shipments/{VERSION}/pickup/02"
NUMBER_HEADER = "Prn"
_PAID_BY_ACCOUNT = "01"
_PACKAGE = "01"
_DEFAULT_SERVICES = {True: "003", False: "011"}
_MOST_NUMBERS = 30
# UPS sends another vehicle for parcels of more than 70 lbs or 32 kg.
_HEAVY_KG = Decimal(32)
_FAMILIES = {"FUEL": "fuel", "RESIDENTIAL": "residential", "AREA": "area"}


def build_pickup(asked: PickupRequest, account_number: str) -> Json:
    """The body of a pickup request, priced and paid by the account."""
    country = asked.place.address.country
    imperial = common.is_imperial(country)
    total = common.weight(asked.weight, imperial)
    heavy = asked.weight.kg / asked.parcel_count > _HEAVY_KG
    numbers = asked.tracking_numbers
    tracked = [{"TrackingNumber": number} for number in numbers]
    return {
        "PickupCreationRequest": {
            "Request": {},
            "RatePickupIndicator": "Y",
            "Shipper": {
                "Account": {
                    "AccountNumber": account_number,
                    "AccountCountryCode": country,
                }
            },
            "PickupDateInfo": {
                "CloseTime": f"{asked.close:%H%M}",
                "ReadyTime": f"{asked.ready:%H%M}",
                "PickupDate": f"{asked.date:%Y%m%d}",
            },
            "PickupAddress": _place(asked),
            "AlternateAddressIndicator": "Y",
            "PickupPiece": _pieces(asked, imperial),
            "TotalWeight": {
                "Weight": total["Weight"],
                "UnitOfMeasurement": total["UnitOfMeasurement"]["Code"],
            },
            "OverweightIndicator": "Y" if heavy else "N",
            "PaymentMethod": _PAID_BY_ACCOUNT,
            **({"TrackingData": tracked} if 0 < len(tracked) <= _MOST_NUMBERS else {}),
            **filled(
                SpecialInstruction=asked.instructions[:57],
                ReferenceNumber=asked.reference[:35],
            ),
        }
    }


def _place(asked: PickupRequest) -> Json:
    party, address = asked.place, asked.place.address
    street = " ".join(filter(None, (address.street, address.street2)))
    return {
        "CompanyName": (party.company or party.name)[:27],
        "ContactName": party.name[:22],
        "AddressLine": [street[:73]],
        **filled(
            City=address.city[:50],
            StateProvince=address.state[:50],
            PostalCode=common.postal_code(address)[:8],
        ),
        "CountryCode": address.country,
        "ResidentialIndicator": "N",
        "Phone": {"Number": common.phone(party)},
    }


def _pieces(asked: PickupRequest, imperial: bool) -> list[Json]:
    """How many parcels go where: one to each further country, the others to the first."""
    own = asked.place.address.country
    countries = tuple(dict.fromkeys(asked.countries)) or (own,)
    countries = countries[: asked.parcel_count]
    counts = [asked.parcel_count - len(countries) + 1] + [1] * (len(countries) - 1)
    service = asked.service.zfill(3) if asked.service else _DEFAULT_SERVICES[imperial]
    return [
        {
            "ServiceCode": service,
            "Quantity": str(count),
            "DestinationCountryCode": country,
            "ContainerCode": _PACKAGE,
        }
        for country, count in zip(countries, counts, strict=True)
    ]


_Amount = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$")]


class _Detail(Message):
    ChargeCode: Text
    ChargeDescription: Text = ""
    ChargeAmount: _Amount
    IncentedAmount: _Amount | None = None


class _Rated(Message):
    CurrencyCode: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    ChargeDetail: many(_Detail)


class _Created(Message):
    PRN: Annotated[Text, Field(min_length=1)]
    RateResult: _Rated | None = None


class _Answer(Message):
    PickupCreationResponse: _Created


class _Response(Message):
    ResponseStatus: Coded


class _Cancelled(Message):
    Response: _Response


class _CancelAnswer(Message):
    PickupCancelResponse: _Cancelled


def parse_pickup(body: bytes, asked: PickupRequest) -> Pickup:
    """What UPS has agreed to: its number and price; it comes within the hours asked for."""
    created = read(_Answer, body).PickupCreationResponse
    with documented("PickupCreationResponse"):
        return Pickup(
            remote_id=created.PRN,
            confirmation=created.PRN,
            begins_at=_moment(asked, asked.ready),
            ends_at=_moment(asked, asked.close),
            charges=_charges(created.RateResult),
        )


def parse_cancelled(body: bytes) -> None:
    """The answer to a cancellation.

    :raise Refused: it failed.
    """
    status = read(_CancelAnswer, body).PickupCancelResponse.Response.ResponseStatus
    if status.Code != "1":
        raise Refused(f"UPS still comes: {status.Description or 'no reason given'}")


def is_cancelled_already(problem: list[tuple[str, str]]) -> bool:
    """Whether UPS refuses only because the pickup is cancelled already."""
    return any(
        "already" in text.lower() and "cancel" in text.lower()
        for _code, text in problem
    )


def _moment(asked: PickupRequest, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(asked.date, time, ZoneInfo(asked.zone))


def _charges(rated: _Rated | None) -> tuple[Charge, ...]:
    if rated is None or rated.CurrencyCode is None:
        return ()
    return tuple(
        Charge(
            family=_family(detail.ChargeDescription),
            money=Money(
                amount=Decimal(detail.IncentedAmount or detail.ChargeAmount),
                currency=rated.CurrencyCode,
            ),
            raw_code=detail.ChargeCode,
            description=detail.ChargeDescription,
        )
        for detail in rated.ChargeDetail
    )


def _family(description: str) -> str:
    """UPS codes all surcharges alike and tells them apart by a fixed text only."""
    for word, family in _FAMILIES.items():
        if word in description.upper():
            return family
    return "accessorial"
