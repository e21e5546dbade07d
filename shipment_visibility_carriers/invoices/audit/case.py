"""The lines of one package, with the money of each that nothing has been said about yet."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from ....shipment_visibility.canonical.freight import (
    CUSTOMS,
    INFORMATION,
    ZERO,
)
from .facts import Billed, Facts, Terms

# Category under which a carrier corrects what it billed before, by the parsers' raw_category:
# UPS's billing data writes ADJ/RADJ, ADJ/SCC and so on.
_ADJUSTED = "ADJ"

Level = Callable[[Billed, Billed], bool]


class Claim(NamedTuple):
    """What a rule holds against some lines of one currency."""

    wanted: list[tuple[Billed, Decimal]]
    evidence: dict[str, object]


class Case:
    """What the rules look at. Credits are taken off the charges before they begin.

    ``charges`` are in order of time: what was settled before comes first, then by invoice. The
    place in a file plays no part, so it does not matter how a file was split.
    """

    def __init__(self, lines: Iterable[Billed], facts: Facts, terms: Terms) -> None:
        self.facts = facts
        self.terms = terms
        seen: dict[int, Billed] = {}
        for billed in sorted(lines, key=_in_time):
            if billed.line.family != INFORMATION:
                seen.setdefault(billed.id, billed)
        self.charges = [each for each in seen.values() if each.line.amount > ZERO]
        self.open = {each.id: each.line.amount for each in self.charges}
        _take_off(
            [each for each in seen.values() if each.line.amount < ZERO],
            self.charges,
            self.open,
        )

    def of(self, *families: str) -> list[Billed]:
        """Charges of these families."""
        return [each for each in self.charges if each.line.family in families]

    def left(self, lines: Iterable[Billed]) -> Decimal:
        """What of these lines is neither credited nor at stake yet."""
        return sum((self.open[each.id] for each in lines), ZERO)

    def whole(self, lines: Iterable[Billed]) -> list[tuple[Billed, Decimal]]:
        """All that is left of these lines."""
        return [(each, self.open[each.id]) for each in lines]

    def last(
        self, lines: list[Billed], amount: Decimal
    ) -> list[tuple[Billed, Decimal]]:
        """So much of these lines: what came last is what was too much."""
        taken = []
        for each in reversed(lines):
            share = min(self.open[each.id], amount)
            amount -= share
            taken.append((each, share))
        return taken[::-1]

    def by_currency(
        self, lines: Iterable[Billed]
    ) -> Iterator[tuple[str, list[Billed]]]:
        """The lines of each currency, in their order."""
        ordered = sorted(lines, key=lambda each: each.line.currency)
        for currency, group in groupby(ordered, lambda each: each.line.currency):
            yield currency, list(group)


def tracking(billed: Billed) -> str:
    """The tracking number as it is compared."""
    return "".join(billed.line.tracking_number.split()).upper()


def invoice(billed: Billed) -> tuple[str, str, str]:
    """What names the invoice a line stands on."""
    head = billed.line.invoice
    return head.carrier, head.account, head.number


def is_adjustment(billed: Billed) -> bool:
    """Whether a line corrects what was billed before."""
    if billed.is_adjustment is not None:
        return billed.is_adjustment
    category = billed.line.raw_category.upper()
    return category.split("/")[0] == _ADJUSTED or bool(
        billed.line.invoice.original_number
    )


def _in_time(billed: Billed) -> tuple:
    head = billed.line.invoice
    return (
        not billed.is_settled,
        head.date or dt.date.max,
        head.number,
        billed.line.fingerprint(),
        billed.id,
    )


def _same_family(credit: Billed, charge: Billed) -> bool:
    return credit.line.family == charge.line.family


def _same_code(credit: Billed, charge: Billed) -> bool:
    return _same_family(credit, charge) and credit.line.raw_code == charge.line.raw_code


def _same_invoice(level: Level) -> Level:
    return lambda credit, charge: (
        invoice(credit) == invoice(charge) and level(credit, charge)
    )


def _unnamed_freight(credit: Billed, charge: Billed) -> bool:
    return credit.line.family == "credit" and charge.line.family == "freight"


def _both_freight_or_customs(credit: Billed, charge: Billed) -> bool:
    return (credit.line.family in CUSTOMS) == (charge.line.family in CUSTOMS)


# What a credit belongs to, the surest first. A discount stands on the invoice of its charge, a
# refund mostly on a later one.
_EXACT = (
    _same_invoice(_same_code),
    _same_invoice(_same_family),
    _same_code,
    _same_family,
)
_PARTLY = (
    _same_invoice(_same_code),
    _same_invoice(_same_family),
    _same_invoice(_unnamed_freight),
    _same_code,
    _same_family,
    _unnamed_freight,
    _both_freight_or_customs,
)


def _take_off(
    credits: list[Billed], charges: list[Billed], open_: dict[int, Decimal]
) -> None:
    """Lower ``open_`` by what was given back, each credit once and the latest charge first."""
    unused = {credit.id: -credit.line.amount for credit in credits}
    steps = [(level, True) for level in _EXACT] + [(level, False) for level in _PARTLY]
    for level, is_exact in steps:
        for credit in credits:
            for charge in reversed(charges):
                share = min(unused[credit.id], open_[charge.id])
                if (
                    share > ZERO
                    and (not is_exact or unused[credit.id] == open_[charge.id])
                    and credit.line.currency == charge.line.currency
                    and tracking(credit) == tracking(charge)
                    and level(credit, charge)
                ):
                    unused[credit.id] -= share
                    open_[charge.id] -= share
