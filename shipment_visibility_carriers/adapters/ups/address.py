"""Address validation: ``POST /addressvalidation/v2/1``. Down to the street in the US and PR."""

from typing import Annotated

from pydantic import Field

from ....shipment_visibility.canonical.schema import Address
from ..errors import Refused
from ..reading import Message, Text, documented, read
from .common import Json, filled, many

# 1: validation, without the classification as business or home.
PATH = "/addressvalidation/v2/1"
STREETS_KNOWN = frozenset({"US", "PR"})


def build_validation(address: Address) -> Json:
    """The body of the question."""
    low, _hyphen, extended = address.postal_code.partition("-")
    in_us = address.country in STREETS_KNOWN
    return {
        "XAVRequest": {
            "AddressKeyFormat": {
                "AddressLine": [
                    line[:100] for line in (address.street, address.street2) if line
                ],
                **filled(
                    PoliticalDivision2=address.city[:30],
                    PoliticalDivision1=address.state[:30],
                    PostcodePrimaryLow=(low if in_us else address.postal_code)[:10],
                    PostcodeExtendedLow=extended[:10] if in_us else "",
                ),
                "CountryCode": address.country,
            }
        }
    }


class _Key(Message):
    AddressLine: list[Text] = []
    PoliticalDivision2: Text = ""
    PoliticalDivision1: Text = ""
    PostcodePrimaryLow: Text = ""
    PostcodeExtendedLow: Text = ""
    CountryCode: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class _Candidate(Message):
    AddressKeyFormat: _Key


class _Found(Message):
    ValidAddressIndicator: str | None = None
    AmbiguousAddressIndicator: str | None = None
    NoCandidatesIndicator: str | None = None
    Candidate: many(_Candidate)


class _Answer(Message):
    XAVResponse: _Found


def parse_validation(body: bytes, asked: Address) -> list[Address]:
    """UPS's spelling of the address, or what it may have meant, best first.

    :raise Refused: UPS knows nothing like it.
    """
    found = read(_Answer, body).XAVResponse
    with documented("XAVResponse.Candidate"):
        candidates = [_address(one.AddressKeyFormat) for one in found.Candidate]
    if candidates:
        return candidates
    if found.ValidAddressIndicator is not None:
        return [asked]
    raise Refused("UPS knows no such address, and none like it.")


def _address(key: _Key) -> Address:
    street, *rest = key.AddressLine or [""]
    codes = key.PostcodePrimaryLow, key.PostcodeExtendedLow
    return Address(
        street=street,
        street2=", ".join(rest),
        city=key.PoliticalDivision2,
        state=key.PoliticalDivision1,
        postal_code="-".join(filter(None, codes)),
        country=key.CountryCode,
    )
