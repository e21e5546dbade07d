"""Puts lines before the rules."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from ....shipment_visibility.canonical.freight import ZERO
from .case import Case, Claim
from .facts import Billed, Facts, Finding, Terms
from .rules import RULES, Rule


def audit(lines: Iterable[Billed], facts: Facts, terms: Terms) -> list[Finding]:
    """What is wrong with the lines of one package, or of one shipment.

    All lines that were ever billed for it are given, those of former invoices with
    ``is_settled``. The order of the lines and the split of files make no difference. No money is
    at stake twice: of a line at most what was billed less what was given back.
    """
    case = Case(lines, facts, terms)
    found = (_finding(case, rule, claim) for rule in RULES for claim in rule.find(case))
    return [finding for finding in found if finding]


def _finding(case: Case, rule: Rule, claim: Claim) -> Finding | None:
    """Take what is claimed off what is open; nothing when only settled lines are meant."""
    shares = []
    billed_on: list[dt.date] = []
    for billed, wanted in claim.wanted:
        if wanted <= ZERO:
            continue
        case.open[billed.id] -= wanted
        if not billed.is_settled:
            shares.append((billed.id, wanted))
            currency = billed.line.currency
            if billed.line.invoice.date:
                billed_on.append(billed.line.invoice.date)
    if not shares:
        return None
    return Finding(
        rule.code,
        tuple(shares),
        currency,
        rule.deadline(case, billed_on),
        {
            name: _plain(value)
            for name, value in claim.evidence.items()
            if value not in (None, "")
        },
        rule.is_dispute,
    )


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
