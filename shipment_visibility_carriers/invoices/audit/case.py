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


class Claim(NamedTuple):
    """What a rule holds against some lines of one currency: of each at most what is open."""

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
    return "".join(billed.line.parcel.tracking_number.split()).upper()


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
    # Ids are given in the order of arrival: they only tell apart what is otherwise alike.
    line, head = billed.line, billed.line.invoice
    return (
        not billed.is_settled,
        head.date or dt.date.max,
        head.number,
        line.family,
        line.raw_category,
        line.raw_code,
        line.amount,
        line.parcel.tracking_number,
        billed.id,
    )


class _Level(NamedTuple):
    """A way in which a credit belongs to a charge: both have the same key; ``None``: never."""

    of_credit: Callable[[Billed], object]
    of_charge: Callable[[Billed], object]


def _family(billed: Billed) -> object:
    return billed.line.family


def _code(billed: Billed) -> object:
    return billed.line.family, billed.line.raw_code


def _freight_if_unnamed(credit: Billed) -> object:
    return "freight" if credit.line.family == "credit" else None


def _is_customs(billed: Billed) -> object:
    return billed.line.family in CUSTOMS


def _on_invoice(
    of_credit: Callable[[Billed], object], of_charge: Callable[[Billed], object]
) -> _Level:
    def key(of: Callable[[Billed], object]) -> Callable[[Billed], object]:
        return lambda billed: (
            None if of(billed) is None else (invoice(billed), of(billed))
        )

    return _Level(key(of_credit), key(of_charge))


# What a credit belongs to, the surest first. A discount stands on the invoice of its charge, a
# refund mostly on a later one.
_EXACT = (
    _on_invoice(_code, _code),
    _on_invoice(_family, _family),
    _Level(_code, _code),
    _Level(_family, _family),
)
_PARTLY = (
    _on_invoice(_code, _code),
    _on_invoice(_family, _family),
    _on_invoice(_freight_if_unnamed, _family),
    _Level(_code, _code),
    _Level(_family, _family),
    _Level(_freight_if_unnamed, _family),
    _Level(_is_customs, _is_customs),
)


def _take_off(
    credits: list[Billed], charges: list[Billed], open_: dict[int, Decimal]
) -> None:
    """Lower ``open_`` by what was given back, each credit once and the latest charge first."""
    unused = {credit.id: -credit.line.amount for credit in credits}
    steps = [(level, True) for level in _EXACT] + [(level, False) for level in _PARTLY]
    for level, is_exact in steps:
        piles: dict[tuple, list[Billed]] = {}
        for charge in charges:
            amount = open_[charge.id]
            if amount:
                key = _pile(charge, level.of_charge(charge), is_exact and amount)
                piles.setdefault(key, []).append(charge)
        for credit in credits:
            name = level.of_credit(credit)
            pile = piles.get(_pile(credit, name, is_exact and unused[credit.id]))
            while name is not None and pile and unused[credit.id]:
                charge = pile[-1]
                share = min(unused[credit.id], open_[charge.id])
                unused[credit.id] -= share
                open_[charge.id] -= share
                if not open_[charge.id]:
                    pile.pop()


def _pile(billed: Billed, name: object, amount: Decimal | bool) -> tuple:
    return tracking(billed), billed.line.currency, name, amount
