"""What UPS charges, split into lines that add up to what it says in all."""

from collections.abc import Sequence
from decimal import Decimal

from ....shipment_visibility.canonical.schema import Charge, Money
from ..reading import Message, Text
from .common import Amount, many
from .statuses import CHARGES

BASE = "BASE"
REST = "REST"


class Itemized(Amount):
    """One accessorial or surcharge."""

    Code: Text
    Description: Text = ""
    SubType: Text = ""


class ItemizedCharges(Message):
    """The part of a parcel's charges that is read: the items it alone has."""

    ItemizedCharges: many(Itemized)


def split(
    total: Money, base: Money | None, items: Sequence[Itemized]
) -> tuple[Charge, ...]:
    """Freight, each surcharge, and what is left between them and the total.

    Without ``base`` freight is what the surcharges leave of the total. Surcharges in another
    currency than the total's are left out: they are in the total already.
    """
    lines = [
        _line(item)
        for item in items
        if item.CurrencyCode == total.currency and Decimal(item.MonetaryValue)
    ]
    surcharges = sum((line.money.amount for line in lines), Decimal(0))
    freight = base.amount if base else total.amount - surcharges
    rest = total.amount - freight - surcharges
    charges = [_charge("freight", freight, total.currency, BASE, "Transport"), *lines]
    if rest:
        family = "accessorial" if rest > 0 else "credit"
        text = "Other charges" if rest > 0 else "Discounts"
        charges.append(_charge(family, rest, total.currency, REST, text))
    return tuple(charges)


def _line(item: Itemized) -> Charge:
    return _charge(
        CHARGES.get(item.Code, "accessorial"),
        Decimal(item.MonetaryValue),
        item.CurrencyCode,
        item.Code,
        item.Description or item.SubType,
    )


def _charge(
    family: str, amount: Decimal, currency: str, code: str, description: str
) -> Charge:
    return Charge(
        family=family,
        money=Money(amount=amount, currency=currency),
        raw_code=code,
        description=description,
    )
