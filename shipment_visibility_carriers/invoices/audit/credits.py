"""Which credit answers which dispute."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from ....shipment_visibility.canonical.freight import ZERO
from .case import tracking
from .facts import Billed


@dataclass(frozen=True, slots=True)
class Dispute:
    """What was asked back.

    :ivar amount: what is still missing of it.
    :ivar raw_code: the carrier's code of the charge; empty when it is about several.
    """

    id: int
    tracking_number: str
    family: str
    amount: Decimal
    currency: str
    raw_code: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """So much of a credit answers a dispute; ``amount`` is positive."""

    dispute_id: int
    line_id: int
    amount: Decimal


Level = Callable[[Dispute, Billed], bool]


def _same_code(dispute: Dispute, credit: Billed) -> bool:
    return (
        _same_family(dispute, credit)
        and bool(dispute.raw_code)
        and dispute.raw_code == credit.line.raw_code
    )


def _same_family(dispute: Dispute, credit: Billed) -> bool:
    return dispute.family == credit.line.family


def _unnamed(_dispute: Dispute, credit: Billed) -> bool:
    """The carrier does not say what it gives back."""
    return credit.line.family == "credit"


# The surest first: the whole amount, then a part of it.
_LEVELS: tuple[Level, ...] = (_same_code, _same_family, _unnamed)


def match_credits(
    open_disputes: Iterable[Dispute], credit_lines: Iterable[Billed]
) -> list[Match]:
    """Match credits to disputes of the same package and currency.

    By family and code; exact amounts first, then partial ones, the oldest dispute first. No
    money of a credit is used twice, and no dispute gets more than it asked for; what is left of
    a credit answers nothing.
    """
    disputes = sorted(
        {each.id: each for each in open_disputes}.values(), key=lambda each: each.id
    )
    credits = sorted(
        {each.id: each for each in credit_lines if each.line.amount < ZERO}.values(),
        key=lambda each: each.id,
    )
    of_package: dict[tuple[str, str], list[Dispute]] = {}
    for dispute in disputes:
        key = (_number(dispute.tracking_number), dispute.currency)
        of_package.setdefault(key, []).append(dispute)
    missing = {dispute.id: dispute.amount for dispute in disputes}
    unused = {credit.id: -credit.line.amount for credit in credits}
    matches: dict[tuple[int, int], Decimal] = {}
    for is_exact in (True, False):
        for level in _LEVELS:
            for credit in credits:
                key = (tracking(credit), credit.line.currency)
                for dispute in of_package.get(key, ()) if key[0] else ():
                    share = min(unused[credit.id], missing[dispute.id])
                    if (
                        share > ZERO
                        and level(dispute, credit)
                        and (not is_exact or unused[credit.id] == missing[dispute.id])
                    ):
                        unused[credit.id] -= share
                        missing[dispute.id] -= share
                        pair = (dispute.id, credit.id)
                        matches[pair] = matches.get(pair, ZERO) + share
    return [Match(*pair, amount) for pair, amount in sorted(matches.items())]


def _number(text: str) -> str:
    return "".join(text.split()).upper()
