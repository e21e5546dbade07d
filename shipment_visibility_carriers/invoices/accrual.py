"""Freight that is booked and not invoiced: what to accrue at a period's end, and to reverse.

Nothing is remembered here. What is due at a date follows from the charges alone; what is to be
posted is the difference to what has been posted. So a run that comes again posts nothing.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ...shipment_visibility.canonical.freight import (
    CUSTOMS,
    ZERO,
    ChargeKind,
    FreightCharge,
    Round,
    once,
)

_BOOKED = (ChargeKind.BOOKED, ChargeKind.ADJUSTED)

Key = tuple[object, str, str]
"""Shipment, family and currency."""


class Reason(StrEnum):
    """Why something is accrued, or no longer."""

    NOT_INVOICED = "not_invoiced"
    PARTLY_INVOICED = "partly_invoiced"
    INVOICED = "invoiced"
    """As much as was booked, or more."""
    CLOSED = "closed"
    """No further invoice is expected."""
    NOT_BOOKED = "not_booked"
    """The booking is gone: voided, or booked anew."""


@dataclass(frozen=True, slots=True)
class Accrued:
    """One family of one shipment at a date, in the currency of the booking.

    :ivar amount: what is to stand as accrued; never negative.
    """

    shipment: object
    family: str
    currency: str
    booked: Decimal
    invoiced: Decimal
    amount: Decimal
    reason: Reason

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.shipment, self.family, self.currency


@dataclass(frozen=True, slots=True)
class Move:
    """What is to be posted: positive accrues, negative reverses."""

    shipment: object
    family: str
    currency: str
    amount: Decimal
    reason: Reason

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.shipment, self.family, self.currency


def accrued(
    charges: Iterable[FreightCharge],
    at: dt.date,
    round: Round,
    closed: Collection[object] = (),
) -> list[Accrued]:
    """What has been booked until a day, and what of it is not invoiced by then.

    Credits make nothing due again: what was given back had been invoiced. A booking of a single
    family names a total, and all that is invoiced beside customs counts against it.

    :param at: last day of the period, inclusive.
    :param closed: shipments of which no further invoice is expected.
    :return: each booked family, those with nothing left too.
    """
    known = [each for each in once(charges) if each.date <= at]
    booked: dict[tuple[object, str], dict[str, Decimal]] = {}
    for each in known:
        if each.kind in _BOOKED:
            families = booked.setdefault((each.shipment, each.currency), {})
            families[each.family] = families.get(each.family, ZERO) + each.amount
    invoiced = _invoiced(known)
    rows = []
    for (shipment, currency), families in booked.items():
        billed = invoiced.get((shipment, currency), {})
        for family, amount in families.items():
            paid = billed.get(family, ZERO)
            if len(families) == 1 and family not in CUSTOMS:
                paid = sum((billed[f] for f in billed if f not in CUSTOMS), ZERO)
            left, reason = _left(amount, paid, shipment in closed)
            rows.append(
                Accrued(
                    shipment,
                    family,
                    currency,
                    amount,
                    paid,
                    round(left, currency),
                    reason,
                )
            )
    return rows


def moves(due: Iterable[Accrued], posted: Mapping[Key, Decimal]) -> list[Move]:
    """What to post so that what is due is what stands in the books.

    :param posted: the balance of all that was posted so far, reversals included.
    """
    found = []
    rows = {row.key: row for row in due}
    for key in dict.fromkeys([*rows, *posted]):
        row = rows.get(key)
        amount = (row.amount if row else ZERO) - posted.get(key, ZERO)
        if amount:
            found.append(Move(*key, amount, row.reason if row else Reason.NOT_BOOKED))
    return found


def _invoiced(
    charges: list[FreightCharge],
) -> dict[tuple[object, str], dict[str, Decimal]]:
    """By shipment and currency, then family. Discounts count on their own invoice only."""
    on_invoice: dict[tuple, Decimal] = {}
    for each in charges:
        if each.kind is ChargeKind.INVOICED:
            key = (each.shipment, each.currency, each.family, each.invoice)
            on_invoice[key] = on_invoice.get(key, ZERO) + each.amount
    found: dict[tuple[object, str], dict[str, Decimal]] = {}
    for (shipment, currency, family, _invoice), amount in on_invoice.items():
        families = found.setdefault((shipment, currency), {})
        families[family] = families.get(family, ZERO) + max(amount, ZERO)
    return found


def _left(booked: Decimal, paid: Decimal, is_closed: bool) -> tuple[Decimal, Reason]:
    if paid >= booked:
        return ZERO, Reason.INVOICED if paid else Reason.NOT_BOOKED
    if is_closed:
        return ZERO, Reason.CLOSED
    return booked - paid, Reason.PARTLY_INVOICED if paid else Reason.NOT_INVOICED
