"""What an audit is told, and what it answers."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ....shipment_visibility.canonical.freight import ZERO, Round, to_digits
from ..document import Line
from ..tariff import Price

Amounts = Mapping[tuple[str, str], Decimal]
"""Amounts by family and currency: ``{("freight", "EUR"): Decimal("8.40")}``."""


@dataclass(frozen=True, slots=True)
class Billed:
    """A line of an invoice that is, or was, put before the audit.

    :ivar id: names the line for good; the same id twice is the same line.
    :ivar is_settled: it was audited and paid before: others are compared with it, and it is
        never found again.
    :ivar is_adjustment: it corrects an earlier charge; ``None`` when only the line itself can
        tell.
    """

    id: int
    line: Line
    is_settled: bool = False
    is_adjustment: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What we know of the package (or the shipment, when the carrier bills that as a whole).

    ``None`` is "not known", and what is not known is never held against the carrier.

    :ivar is_known: the tracking number is one of ours.
    :ivar is_void: the label was voided, or the shipment cancelled.
    :ivar booked: what the carrier said when it was booked.
    :ivar quoted: what it said before.
    :ivar is_itemised: the amounts above name each surcharge; else they are one total that
        stands as freight. ``None``: so it is when more than one family is named.
    :ivar entered_weight: as we declared it; kilograms.
    :ivar pieces: how many packages the lines are about.
    :ivar is_residential: the consignee's address is a home.
    :ivar is_validated: the address was checked, and found good, before the label was booked.
    :ivar has_scan: the carrier has seen it at least once.
    :ivar is_guaranteed: the carrier gives money back when the service is late.
    :ivar promised_on: calendar date at the consignee.
    :ivar promised_at: aware; only where the carrier promised a time of that day.
    :ivar delivered_on: calendar date, at the consignee, of delivery or of the first attempt.
    :ivar delivered_at: aware; the time of it.
    :ivar account: number of the account by which it was booked.
    :ivar currency: in which that account is billed.
    """

    is_known: bool | None = None
    is_void: bool | None = None
    booked: Amounts | None = None
    quoted: Amounts | None = None
    is_itemised: bool | None = None
    entered_weight: Decimal | None = None
    pieces: int | None = None
    is_residential: bool | None = None
    is_validated: bool | None = None
    has_scan: bool | None = None
    is_guaranteed: bool | None = None
    promised_on: dt.date | None = None
    promised_at: dt.datetime | None = None
    delivered_on: dt.date | None = None
    delivered_at: dt.datetime | None = None
    account: str | None = None
    currency: str | None = None
    service: str | None = None

    def booked_in(self, currency: str) -> dict[str, Decimal] | None:
        """Booked amounts by family; ``None`` when nothing is known in that currency."""
        return _in_currency(self.booked, currency)

    def quoted_in(self, currency: str) -> dict[str, Decimal] | None:
        """Quoted amounts by family; ``None`` when nothing is known in that currency."""
        return _in_currency(self.quoted, currency)

    def itemises(self, amounts: dict[str, Decimal]) -> bool:
        """Whether each surcharge has its own amount there."""
        return len(amounts) > 1 if self.is_itemised is None else self.is_itemised


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much more is let pass. It is too much as soon as either limit is exceeded.

    :ivar amount: in the currency of the line; for weights, kilograms.
    :ivar percent: of what was expected: ``Decimal(2)`` is 2 %.
    """

    amount: Decimal | None = None
    percent: Decimal | None = None

    def is_exceeded(self, difference: Decimal, expected: Decimal) -> bool:
        """Whether something that is so much above what was expected is too much."""
        if difference <= ZERO:
            return False
        limits = []
        if self.amount is not None:
            limits.append(self.amount)
        if self.percent is not None:
            limits.append(expected * self.percent / 100)
        return not limits or difference > min(limits)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed with the carrier, and what we care about.

    :ivar tolerances: by family; that of ``""`` is for families without their own, and for
        totals. They hold where amounts are compared, not where a charge is wrong as a whole.
    :ivar weight: how much heavier is let pass.
    :ivar weight_step: the carrier rounds weights up to a multiple of this; kilograms.
    :ivar days: days to dispute, by rule, where they are not the rule's own.
    :ivar contract: the contract's price at the weight that is billed.
    :ivar contract_at_entered: its price at the weight that was entered.
    :ivar refunded: families that are given back when a guaranteed delivery is late.
    """

    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    weight: Tolerance = Tolerance()
    weight_step: Decimal | None = None
    days: Mapping[str, int] = field(default_factory=dict)
    contract: Price | None = None
    contract_at_entered: Price | None = None
    refunded: tuple[str, ...] = ("freight",)
    round: Round = to_digits()

    def tolerance(self, family: str) -> Tolerance:
        """The tolerance that holds for a family."""
        return self.tolerances.get(family) or self.tolerances.get("") or Tolerance()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with what was billed.

    :ivar rule: code of the rule; see ``rules.RULES``.
    :ivar shares: line ids, each with what of it is at stake; in the order of the lines.
    :ivar deadline: last day to dispute; ``None`` when the invoice has no date.
    :ivar evidence: texts and numbers (as text) for the letter and the screen.
    :ivar is_dispute: ``False`` for work of ours that the carrier has no part in.
    """

    rule: str
    shares: tuple[tuple[int, Decimal], ...]
    currency: str
    deadline: dt.date | None
    evidence: Mapping[str, str]
    is_dispute: bool = True

    @property
    def amount(self) -> Decimal:
        """What is at stake in all, without tax."""
        return sum((share for _id, share in self.shares), ZERO)

    @property
    def line_ids(self) -> tuple[int, ...]:
        """The lines it is about."""
        return tuple(line_id for line_id, _share in self.shares)


def _in_currency(amounts: Amounts | None, currency: str) -> dict[str, Decimal] | None:
    return {
        family: amount
        for (family, its_currency), amount in (amounts or {}).items()
        if its_currency == currency
    } or None
