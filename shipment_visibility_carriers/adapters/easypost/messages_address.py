"""Checking an address. https://docs.easypost.com/docs/addresses"""

import re

from ....shipment_visibility.canonical.schema import Address
from ..errors import NotSupported, Refused
from .problems import joined_errors
from .reading import Message, Text, documented, read


class _Problem(Message):
    message: Text = ""
    suggestion: Text = ""


class _Verdict(Message):
    success: bool
    errors: list[_Problem] | None = None


class _Verifications(Message):
    delivery: _Verdict | None = None


class _Address(Message):
    street1: Text = ""
    street2: Text = ""
    city: Text = ""
    state: Text = ""
    zip: Text = ""
    country: Text = ""
    verifications: _Verifications | None = None


def build_address_check(address: Address) -> dict:
    """The body of ``POST /v2/addresses`` that also asks for a verdict."""
    fields = {
        "street1": address.street,
        "street2": address.street2,
        "city": address.city,
        "state": address.state,
        "zip": address.postal_code,
        "country": address.country,
    }
    given = {name: value for name, value in fields.items() if value}
    return {"address": given, "verify": True}


def parse_address_check(body: bytes, asked: Address) -> list[Address]:
    """The address asked about when it is good as it is, else EasyPost's way to write it.

    :raise Refused: nothing can be delivered there, with the reasons.
    :raise NotSupported: EasyPost has no verdict for this country.
    """
    answered = read(_Address, body)
    verdict = answered.verifications and answered.verifications.delivery
    if verdict is None:
        raise NotSupported(f"EasyPost cannot check addresses in {asked.country}.")
    if not verdict.success:
        errors = [problem.model_dump() for problem in verdict.errors or []]
        raise Refused(joined_errors(errors) or "The address cannot be delivered to.")
    with documented("address"):
        found = Address(
            street=answered.street1,
            street2=answered.street2,
            city=answered.city,
            state=answered.state,
            postal_code=answered.zip,
            country=answered.country,
        )
    return [asked if _same(asked, found) else found]


def _same(asked: Address, found: Address) -> bool:
    """Whether they differ in nothing but capitals, commas, lines and the four digits that
    only the US postal service knows."""
    lines = _plain(f"{asked.street} {asked.street2}") == _plain(
        f"{found.street} {found.street2}"
    )
    code = _plain(found.postal_code).startswith(_plain(asked.postal_code))
    rest = all(
        _plain(getattr(asked, name)) == _plain(getattr(found, name))
        for name in ("city", "state", "country")
    )
    return lines and rest and code and bool(asked.postal_code)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
