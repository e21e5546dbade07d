"""The rules, in order of precedence: what one has claimed, those after it cannot claim again.

A rule claims what is still open, and looks again after each claim it yields. A charge that should
not be there at all comes before one that is too high, and the contract before what was booked.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ....shipment_visibility.canonical.freight import CUSTOMS
from .case import Case, Claim, invoice, is_adjustment, tracking
from .facts import Billed
from .prices import above_booked, above_contract, heavier, never_quoted


def duplicate(case: Case) -> Iterator[Claim]:
    """The same charge on two invoices, or the base freight of a package a second time."""
    earlier: dict[tuple[str, str], _Before] = {}
    for each in case.charges:
        if not tracking(each):
            continue
        before = earlier.setdefault((tracking(each), each.line.currency), _Before())
        original = before.original(each, case.facts.pieces)
        before.add(each)
        if original:
            yield Claim(
                case.whole([each]),
                {
                    "tracking_number": each.line.parcel.tracking_number,
                    "code": each.line.raw_code,
                    "description": each.line.description,
                    "invoice": each.line.invoice.number,
                    "first_line": original.id,
                    "first_invoice": original.line.invoice.number,
                    "first_date": original.line.invoice.date,
                },
            )


class _Before:
    """What was billed before under one tracking number, in one currency."""

    def __init__(self) -> None:
        self._alike: dict[tuple, dict[tuple, Billed]] = {}
        self._base: dict[tuple, Billed] = {}
        self._bases = 0

    def add(self, each: Billed) -> None:
        on_invoice = self._alike.setdefault(_charge(each), {})
        on_invoice.setdefault(invoice(each), each)
        if _is_base(each):
            self._base.setdefault((invoice(each), each.line.raw_code), each)
            self._bases += 1

    def original(self, each: Billed, pieces: int | None) -> Billed | None:
        """The line that has charged the same before.

        That is the same charge on another invoice; or base freight, when all pieces had theirs
        by then. Some formats bill the freight of one shipment in several lines of one invoice:
        there it is the same base freight only under the same code.
        """
        for its_invoice, other in self._alike.get(_charge(each), {}).items():
            if its_invoice != invoice(each):
                return other
        if _is_base(each) and self._bases >= (pieces or each.line.parcel.pieces or 1):
            for (its_invoice, code), other in self._base.items():
                if its_invoice != invoice(each) or code == each.line.raw_code:
                    return other
        return None


def _charge(billed: Billed) -> tuple:
    return billed.line.family, billed.line.raw_code, billed.line.amount


def _is_base(billed: Billed) -> bool:
    return billed.line.family == "freight" and not is_adjustment(billed)


def wrong_account(case: Case) -> Iterator[Claim]:
    """Billed to another account than the one it was booked by."""
    booked = _account(case.facts.account or "")
    wrong = [
        each
        for each in case.charges
        if booked
        and _account(each.line.invoice.account)
        and _account(each.line.invoice.account) != booked
    ]
    for _currency, lines in case.by_currency(wrong):
        evidence = {
            "account": case.facts.account,
            "billed_account": lines[0].line.invoice.account,
        }
        yield Claim(case.whole(lines), evidence)


def _account(number: str) -> str:
    # Carriers pad with zeros, people write blanks and dashes.
    return "".join(filter(str.isalnum, number)).upper().lstrip("0")


def void_label(case: Case) -> Iterator[Claim]:
    """A charge for a label that was voided."""
    if case.facts.is_void:
        for _currency, lines in case.by_currency(case.charges):
            yield Claim(case.whole(lines), {"has_scan": case.facts.has_scan})


def no_scan(case: Case) -> Iterator[Claim]:
    """A charge for something the carrier has never seen."""
    if case.facts.has_scan is False:
        for _currency, lines in case.by_currency(case.charges):
            yield Claim(case.whole(lines), {})


def wrong_currency(case: Case) -> Iterator[Claim]:
    """Billed in another currency than the account's.

    Customs is let pass: it asks in the currency of the country.
    """
    agreed = case.facts.currency
    wrong = [
        each
        for each in case.charges
        if agreed and each.line.currency != agreed and each.line.family not in CUSTOMS
    ]
    for currency, lines in case.by_currency(wrong):
        evidence = {"currency": agreed, "billed_currency": currency}
        yield Claim(case.whole(lines), evidence)


def late(case: Case) -> Iterator[Claim]:
    """A service that guarantees its time was late: what it gives back."""
    facts = case.facts
    promised = _promised_on(case)
    if not facts.is_guaranteed or promised is None:
        return
    told = [
        each.line.parcel.delivered_on
        for each in case.charges
        if each.line.parcel.delivered_on
    ]
    delivered = facts.delivered_on or (min(told) if told else None)
    if facts.delivered_at and facts.promised_at:
        is_late = facts.delivered_at > facts.promised_at
    else:
        is_late = delivered is not None and delivered > promised
    if is_late:
        evidence = {
            "service": facts.service,
            "promised": facts.promised_at or promised,
            "delivered": facts.delivered_at or delivered,
        }
        for _currency, lines in case.by_currency(case.of(*case.terms.refunded)):
            yield Claim(case.whole(lines), evidence)


def _promised_on(case: Case) -> dt.date | None:
    facts = case.facts
    return facts.promised_on or (facts.promised_at and facts.promised_at.date())


def residential(case: Case) -> Iterator[Claim]:
    """A surcharge for a home, at a business address."""
    if case.facts.is_residential is False:
        for _currency, lines in case.by_currency(case.of("residential")):
            yield Claim(case.whole(lines), _codes(lines))


def address_correction(case: Case) -> Iterator[Claim]:
    """A correction of an address that had been validated."""
    if case.facts.is_validated:
        for _currency, lines in case.by_currency(case.of("address_correction")):
            yield Claim(case.whole(lines), _codes(lines))


def unknown_package(case: Case) -> Iterator[Claim]:
    """A charge for a package that is none of ours, as far as we know."""
    if case.facts.is_known is False:
        for _currency, lines in case.by_currency(case.charges):
            numbers = {each.line.parcel.tracking_number: None for each in lines}
            evidence = {"tracking_number": ", ".join(filter(None, numbers))}
            yield Claim(case.whole(lines), evidence)


def _codes(lines: Iterable[Billed]) -> dict[str, object]:
    codes = {each.line.raw_code: None for each in lines}
    return {"code": ", ".join(filter(None, codes))}


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong.

    :ivar days: days to dispute it, from the date of the invoice or of the promise. These are
        our own and cautious; what a contract says goes into ``Terms.days``.
    :ivar from_promise: the days count from the promised date of delivery.
    :ivar is_dispute: the carrier is asked for the money; else it is work of ours.
    """

    code: str
    title: str
    find: Callable[[Case], Iterable[Claim]]
    days: int = 30
    from_promise: bool = False
    is_dispute: bool = True

    def deadline(self, case: Case, billed_on: list[dt.date]) -> dt.date | None:
        """The last day to dispute something that was billed on these days."""
        start = (
            _promised_on(case) if self.from_promise else min(billed_on, default=None)
        )
        days = case.terms.days.get(self.code, self.days)
        return start + dt.timedelta(days=days) if start else None


RULES = (
    Rule("duplicate", "Billed twice", duplicate),
    Rule("wrong_account", "Billed to another account", wrong_account),
    Rule("void_label", "Billed for a voided label", void_label),
    Rule("no_scan", "Billed without any scan", no_scan),
    Rule("wrong_currency", "Billed in another currency", wrong_currency),
    Rule("late", "Late though guaranteed", late, days=15, from_promise=True),
    Rule("residential", "Residential surcharge at a business", residential),
    Rule("address_correction", "Correction of a validated address", address_correction),
    Rule("above_contract", "Above the contract", above_contract),
    Rule("heavier", "Heavier than entered", heavier),
    Rule("never_quoted", "Surcharge that was never quoted", never_quoted),
    Rule("above_booked", "Above the booked price", above_booked),
    Rule("unknown_package", "Unknown package", unknown_package, is_dispute=False),
)
