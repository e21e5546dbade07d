"""What was quoted, booked and invoiced, side by side, and why they differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ...shipment_visibility.canonical.freight import (
    ZERO,
    ChargeKind,
    Convert,
    FreightCharge,
    Round,
    once,
)
from ...shipment_visibility.canonical.schema import CHARGE_FAMILIES

_BOOKED = (ChargeKind.BOOKED, ChargeKind.ADJUSTED)
_COLUMNS = {
    ChargeKind.QUOTED: "quoted",
    ChargeKind.BOOKED: "booked",
    ChargeKind.ADJUSTED: "booked",
    ChargeKind.INVOICED: "invoiced",
    ChargeKind.CREDITED: "credited",
}


class Explanation(StrEnum):
    """Why what is invoiced is not what was expected."""

    AS_EXPECTED = "as_expected"
    HIGHER = "higher"
    LOWER = "lower"
    NOT_EXPECTED = "not_expected"
    """Invoiced, though neither booked nor quoted."""
    NOT_INVOICED = "not_invoiced"
    """Expected, and no invoice names it (yet)."""
    GIVEN_BACK = "given_back"
    """The carrier credits what it had invoiced too much, or more."""


@dataclass(frozen=True, slots=True)
class Variance:
    """One family in one currency. ``None``: never named.

    :ivar booked: with what the carrier changed on the booking.
    :ivar invoiced: before credits.
    :ivar credited: what was given back; 0 or negative.
    :ivar expected: what was booked; for shipments that never were, what was quoted.
    :ivar difference: what is paid (invoiced and credited) above what was expected.
    """

    family: str
    quoted: Decimal | None
    booked: Decimal | None
    invoiced: Decimal | None
    credited: Decimal
    expected: Decimal | None
    difference: Decimal
    explanation: Explanation


def variance(
    charges: Iterable[FreightCharge], convert: Convert, round: Round, currency: str
) -> list[Variance]:
    """Each family that any charge names, in the order of ``CHARGE_FAMILIES``.

    Each charge is converted at its own date and rounded, so the rows add up to the totals.
    Where bookings or quotes name one total, it stands as freight: then read the total.
    """
    charges = once(charges)
    booked = {each.shipment for each in charges if each.kind in _BOOKED}
    found: dict[str, list[tuple[str, Decimal]]] = {}
    for each in charges:
        amount = round(convert(each.amount, each.currency, each.date), currency)
        columns = found.setdefault(each.family, [])
        columns.append((_COLUMNS[each.kind], amount))
        if each.kind in _BOOKED or (
            each.kind is ChargeKind.QUOTED and each.shipment not in booked
        ):
            columns.append(("expected", amount))
    return [
        _row(family, found[family])
        for family in sorted(found, key=CHARGE_FAMILIES.index)
    ]


def total(rows: Iterable[Variance]) -> Variance:
    """All families as one; its family is empty."""
    named = [
        (column, amount)
        for row in rows
        for column in ("quoted", "booked", "invoiced", "credited", "expected")
        if (amount := getattr(row, column)) is not None
    ]
    return _row("", named)


def _row(family: str, named: list[tuple[str, Decimal]]) -> Variance:
    amounts: dict[str, Decimal] = {}
    for column, amount in named:
        amounts[column] = amounts.get(column, ZERO) + amount
    expected, invoiced = amounts.get("expected"), amounts.get("invoiced")
    credited = amounts.get("credited", ZERO)
    difference = (invoiced or ZERO) + credited - (expected or ZERO)
    return Variance(
        family,
        amounts.get("quoted"),
        amounts.get("booked"),
        invoiced,
        credited,
        expected,
        difference,
        _explanation(expected, invoiced, credited, difference),
    )


def _explanation(
    expected: Decimal | None,
    invoiced: Decimal | None,
    credited: Decimal,
    difference: Decimal,
) -> Explanation:
    if invoiced is None and not credited:
        return Explanation.NOT_INVOICED
    if credited and difference <= ZERO:
        return Explanation.GIVEN_BACK
    if difference and expected is None:
        return Explanation.NOT_EXPECTED
    if difference > ZERO:
        return Explanation.HIGHER
    return Explanation.LOWER if difference else Explanation.AS_EXPECTED
