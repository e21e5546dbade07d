"""Which of several offers to take, and why none of the others."""

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Policy(StrEnum):
    """What makes an offer the best."""

    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    IN_TIME = "in_time"  # the cheapest that meets the promised date
    GIVEN = "given"  # one certain offer, whatever the others cost


class Reason(StrEnum):
    """Why an offer was not taken. The first five make it unfit, the others only worse."""

    REFUSED = "refused"  # it cannot be had; the candidate's ``problem`` says why
    NOT_GIVEN = "not_given"
    TOO_DEAR = "too_dear"
    NO_DATE = "no_date"  # a date is needed, and the carrier promises none
    TOO_LATE = "too_late"
    DEARER = "dearer"
    SLOWER = "slower"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One offer.

    :ivar price: in the currency of the price limit.
    :ivar promised_date: the calendar date at the consignee, when one is promised.
    :ivar problem: why it cannot be had; empty when it can.
    """

    key: Hashable
    price: Decimal = Decimal(0)
    promised_date: dt.date | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The best candidate, or ``None``, and the reason against each of the others by key."""

    best: Candidate | None
    against: dict[Hashable, Reason] = field(default_factory=dict)


def choose(
    policy: Policy,
    candidates: Sequence[Candidate],
    *,
    deadline: dt.date | None = None,
    price_limit: Decimal | None = None,
    given: Hashable = None,
) -> Choice:
    """Take the best candidate that is fit.

    Among equals the one that is cheaper, then earlier, then listed before wins.

    :param deadline: what ``in_time`` must meet; ``None`` when nothing was promised, which
        every offer meets.
    :param price_limit: the most it may cost, inclusive; ``None`` without a limit.
    :param given: the key that ``given`` takes.
    """
    policy = Policy(policy)
    against = {
        candidate.key: reason
        for candidate in candidates
        if (reason := _unfit(policy, candidate, deadline, price_limit, given))
    }
    fit = [candidate for candidate in candidates if candidate.key not in against]
    if not fit:
        return Choice(None, against)
    best = min(fit, key=_speed if policy is Policy.FASTEST else _cost)
    worse = Reason.SLOWER if policy is Policy.FASTEST else Reason.DEARER
    against |= {candidate.key: worse for candidate in fit if candidate is not best}
    return Choice(best, against)


def _unfit(policy, candidate, deadline, price_limit, given):
    if policy is Policy.GIVEN and candidate.key != given:
        return Reason.NOT_GIVEN
    if candidate.problem:
        return Reason.REFUSED
    if price_limit is not None and candidate.price > price_limit:
        return Reason.TOO_DEAR
    needs_date = policy is Policy.FASTEST or (policy is Policy.IN_TIME and deadline)
    if needs_date and not candidate.promised_date:
        return Reason.NO_DATE
    if policy is Policy.IN_TIME and deadline and candidate.promised_date > deadline:
        return Reason.TOO_LATE
    return None


def _cost(candidate):
    return candidate.price, candidate.promised_date or dt.date.max


def _speed(candidate):
    return candidate.promised_date, candidate.price
