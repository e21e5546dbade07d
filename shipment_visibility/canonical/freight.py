"""What freight costs, as plain values: charges, and how their amounts are rounded.

Money is a :class:`decimal.Decimal`; what is given back is negative, whichever its kind.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

ZERO = Decimal(0)
# What carriers tell beside the charges; it is never money.
INFORMATION = "info"
# What customs asks for and the carrier only passes on.
CUSTOMS = ("duty", "tax", "brokerage")

Round = Callable[[Decimal, str], Decimal]
"""``round(amount, currency)``: the amount as that currency can be paid."""
Convert = Callable[[Decimal, str, dt.date], Decimal]
"""``convert(amount, currency, date)``: the amount in the company's currency, not yet rounded."""


def to_digits(default: int = 2, **digits: int) -> Round:
    """Round half up to so many digits; ``to_digits(2, JPY=0, BHD=3)`` names exceptions."""

    def rounded(amount: Decimal, currency: str) -> Decimal:
        unit = Decimal(1).scaleb(-digits.get(currency, default))
        return amount.quantize(unit, ROUND_HALF_UP)

    return rounded


class ChargeKind(StrEnum):
    """At which point of its life a cost was named."""

    QUOTED = "quoted"
    BOOKED = "booked"
    ADJUSTED = "adjusted"
    """What a carrier changed on a booking before it wrote an invoice: added to what is booked."""
    INVOICED = "invoiced"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True)
class FreightCharge:
    """One freight cost of one shipment.

    :ivar id: the record it stands for; the same id twice is the same charge.
    :ivar family: one of ``schema.CHARGE_FAMILIES``.
    :ivar amount: in ``currency``, as the carrier said it; negative when given back.
    :ivar date: of the quote, booking or invoice, in the company's calendar.
    :ivar shipment: which shipment it belongs to; any value that names it.
    :ivar invoice: the carrier's invoice it stands on; empty when on none.
    """

    id: int
    kind: ChargeKind
    family: str
    amount: Decimal
    currency: str
    date: dt.date
    shipment: object = None
    invoice: str = ""


def once(charges: Iterable[FreightCharge]) -> list[FreightCharge]:
    """Each charge once, without information; in the order of their ids."""
    by_id = {charge.id: charge for charge in charges if charge.family != INFORMATION}
    return [by_id[key] for key in sorted(by_id)]


def of_kind(
    charges: Iterable[FreightCharge], kinds: Collection[ChargeKind]
) -> list[FreightCharge]:
    """Those of these kinds."""
    return [charge for charge in charges if charge.kind in kinds]
