"""What all of UPS's messages share: money, addresses, people, units, and how an error reads."""

import datetime as dt
import re
import textwrap
from decimal import ROUND_UP, Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ....shipment_visibility.canonical.operations import CM_PER_UNIT
from ....shipment_visibility.canonical.schema import (
    Address,
    Dimensions,
    Mass,
    Money,
    Party,
)
from ..errors import MalformedMessage, Refused
from ..reading import Message, Text, read

Json = dict[str, Any]

LINE = 35
LINES = 3
# Shipments within the customs territory of the European Union are not cleared.
EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)
# Where UPS takes pounds and inches only.
IMPERIAL = frozenset({"US", "PR", "VI"})
_TEN_DIGITS = IMPERIAL | {"CA"}
_CM_PER_INCH = Decimal("2.54")
_KG_PER_LB = Decimal("0.45359237")


def _listed(value: Any) -> Any:
    """UPS's older versions write one of something without its list."""
    return [value] if isinstance(value, dict) else value


def many(model: type) -> Any:
    """A list of ``model``; one alone counts as a list of one."""
    return Annotated[list[model], BeforeValidator(_listed), Field(default=[])]


class Amount(Message):
    """An amount as UPS writes it: two texts."""

    CurrencyCode: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    MonetaryValue: Annotated[str, Field(pattern=r"^-?[0-9]{1,16}(\.[0-9]{1,6})?$")]

    def canonical(self) -> Money:
        """The amount as money, not rounded."""
        return Money(amount=Decimal(self.MonetaryValue), currency=self.CurrencyCode)


class Coded(Message):
    """A code and what it means."""

    Code: Text
    Description: Text = ""


class _Error(Message):
    code: Text = ""
    message: Text = ""


class _Errors(Message):
    errors: list[_Error] = Field(min_length=1)


class _Problem(Message):
    response: _Errors


def parse_problem(body: bytes) -> list[tuple[str, str]]:
    """The codes and words of UPS's errors; none when the body does not come from it."""
    try:
        errors = read(_Problem, body).response.errors
    except MalformedMessage:
        return []
    return [(error.code, error.message) for error in errors]


def words(problem: list[tuple[str, str]]) -> str:
    """An error as a user reads it, with the code that UPS's hotline asks for."""
    return " ".join(
        f"{message.strip() or 'UPS refused.'} ({code})" if code else message
        for code, message in problem
    )


def money(value: Money) -> Json:
    """An amount, in cents at most."""
    amount = value.amount.quantize(Decimal("0.01"))
    return {"CurrencyCode": value.currency, "MonetaryValue": f"{amount:f}"}


def filled(**values: Any) -> Json:
    """The values that say something; UPS takes an empty text for a value."""
    return {name: value for name, value in values.items() if value not in ("", None)}


def street_lines(address: Address) -> list[str]:
    """The street in at most three lines of 35 characters.

    :raise Refused: it is longer; a label with half a street cannot be delivered by.
    """
    lines = [
        line
        for text in (address.street, address.street2)
        for line in textwrap.wrap(text, LINE)
    ]
    if len(lines) > LINES:
        raise Refused(
            f"UPS prints {LINES} lines of {LINE} characters for a street. "
            f"Shorten: {address.street} {address.street2}".strip()
        )
    return lines or [""]


def postal_code(address: Address) -> str:
    """Letters and digits only, nine at most."""
    return re.sub(r"[^0-9A-Z]", "", address.postal_code.upper())[:9]


def address(value: Address, state_length: int = 5) -> Json:
    """An address. ``state_length`` is what this API takes; a longer state is left out."""
    state = value.state if len(value.state) <= state_length else ""
    return {
        "AddressLine": street_lines(value),
        **filled(
            City=value.city[:30],
            StateProvinceCode=state,
            PostalCode=postal_code(value),
        ),
        "CountryCode": value.country,
    }


def phone(party: Party) -> str:
    """Digits only; without the country's 1 where UPS wants ten of them."""
    digits = re.sub(r"[^0-9]", "", party.phone)
    if party.address.country in _TEN_DIGITS and len(digits) == 11:
        digits = digits.removeprefix("1")
    return digits[:15]


def party(value: Party, **more: Any) -> Json:
    """A shipper or consignee as the Shipping API takes it."""
    number = phone(value)
    return {
        **filled(
            Name=(value.company or value.name)[:LINE],
            AttentionName=value.name[:LINE],
            EMailAddress=value.email if len(value.email) <= 50 else "",
        ),
        **({"Phone": {"Number": number}} if number else {}),
        **more,
        "Address": address(value.address),
    }


def is_imperial(country: str) -> bool:
    """Whether UPS wants pounds and inches of shipments from this country."""
    return country in IMPERIAL


def weight(value: Mass, imperial: bool) -> Json:
    """A weight with one decimal, rounded up: more than nothing, and never too cheap."""
    amount = value.kg / _KG_PER_LB if imperial else value.kg
    tenths = max(amount.quantize(Decimal("0.1"), ROUND_UP), Decimal("0.1"))
    unit = ("LBS", "Pounds") if imperial else ("KGS", "Kilograms")
    return {"UnitOfMeasurement": _unit(*unit), "Weight": f"{tenths:f}"}


def dimensions(value: Dimensions, imperial: bool) -> Json:
    """Whole units, rounded up, the longest side first."""
    factor = CM_PER_UNIT[value.unit] / (_CM_PER_INCH if imperial else Decimal(1))
    sides = sorted((value.length, value.width, value.height), reverse=True)
    length, width, height = (
        f"{(side * factor).quantize(Decimal(1), ROUND_UP):f}" for side in sides
    )
    unit = ("IN", "Inches") if imperial else ("CM", "Centimeters")
    return {
        "UnitOfMeasurement": _unit(*unit),
        "Length": length,
        "Width": width,
        "Height": height,
    }


def _unit(code: str, description: str) -> Json:
    return {"Code": code, "Description": description}


def is_international(origin: Address, destination: Address) -> bool:
    """Whether it leaves the country."""
    return origin.country != destination.country


def is_cleared(origin: Address, destination: Address) -> bool:
    """Whether customs looks at it: not within a country, the EU, or between US and Puerto Rico.

    The Shipping API calls the others "Qualified Domestic Shipments" (ShipmentCharge/Type).
    """
    countries = {origin.country, destination.country}
    return len(countries) > 1 and not (countries <= EU or countries == {"US", "PR"})


def day(text: str) -> dt.date:
    """A date of UPS's: ``20260204``, in some answers with hyphens.

    :raise MalformedMessage: it is none.
    """
    try:
        return dt.datetime.strptime(text.replace("-", ""), "%Y%m%d").date()
    except ValueError:
        raise MalformedMessage(f"a date that is none: {text[:20]!r}") from None
