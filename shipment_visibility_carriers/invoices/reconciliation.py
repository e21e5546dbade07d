"""What we believe was shipped, what was billed, what was delivered: where the three differ.

Nothing is remembered here: what differs follows from the facts and the day alone. So a
difference that is no longer found is settled.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ...shipment_visibility.canonical.freight import ZERO
from ...shipment_visibility.canonical.milestone import Code

# On its way back, or back: what is delivered then is delivered to us.
_BACK = (Code.RETURNING, Code.RETURNED)


class Reason(StrEnum):
    """In what the three differ."""

    NOT_BILLED = "not_billed"
    """Shipped and never billed, and nobody knows whether it arrived."""
    DELIVERED_NOT_BILLED = "delivered_not_billed"
    VOID_BILLED = "void_billed"
    """The label was cancelled and is billed all the same."""
    NOT_DELIVERED = "not_delivered"
    """Billed and never delivered."""
    RETURNED_AS_DELIVERED = "returned_as_delivered"
    """It came back, and the invoice says that it was delivered."""
    BILLED_TWICE = "billed_twice"
    """The freight of one parcel on more than one invoice."""
    UNKNOWN = "unknown"
    """Billed, and nobody here has shipped it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many days a carrier may take, from the day it took the parcel.

    :ivar bill: to bill what it has carried; from delivery where that is known.
    :ivar deliver: to deliver.
    """

    bill: int = 30
    deliver: int = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one shipment. Amounts are in the company's currency.

    :ivar shipped_on: when the carrier took it; None when it never did as far as we know.
    :ivar headline: one of :class:`Code`.
    :ivar is_tracked: the carrier has told us anything of its journey.
    :ivar is_ours_to_pay: and not the receiver's or a third party's.
    :ivar booked: what it was booked for; zero when that is not known.
    :ivar billed: less what was credited; None when no invoice names it.
    :ivar billed_on: of the first invoice that does.
    :ivar twice: what was billed of its freight more than once, and not credited.
    :ivar said_delivered: the invoice says that it was delivered.
    :ivar bills_since: of the carrier's first invoice that we have; None when there is none.
        What was shipped before is on invoices that we never saw.
    """

    shipment: int
    headline: str
    shipped_on: dt.date | None = None
    delivered_on: dt.date | None = None
    is_tracked: bool = False
    is_ours_to_pay: bool = True
    booked: Decimal = ZERO
    billed: Decimal | None = None
    billed_on: dt.date | None = None
    twice: Decimal = ZERO
    said_delivered: bool = False
    bills_since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not add up.

    :ivar amount: what is at stake: billed, or booked where nothing is billed.
    :ivar date: since when it could be known.
    """

    shipment: int
    reason: Reason
    amount: Decimal
    date: dt.date


def differences(
    standing: Standing, patience: Patience, today: dt.date
) -> Iterator[Difference]:
    """Say in what the three differ of one shipment; nothing when they agree.

    :param today: in the calendar of the dates.
    """
    if standing.billed is None:
        yield from _unbilled(standing, patience, today)
        return
    if standing.twice > 0:
        yield _difference(standing, Reason.BILLED_TWICE, standing.twice)
    # What was given back in full is settled, whatever became of the parcel.
    if standing.billed > 0 and (reason := _unearned(standing, patience, today)):
        yield _difference(standing, reason, standing.billed)


def _unbilled(
    standing: Standing, patience: Patience, today: dt.date
) -> Iterator[Difference]:
    begun = standing.delivered_on or standing.shipped_on
    if (
        not begun
        or not standing.is_ours_to_pay
        or standing.headline == Code.CANCELLED
        or not _could_be_billed(standing, patience)
        or (today - begun).days <= patience.bill
    ):
        return
    reason = Reason.DELIVERED_NOT_BILLED if standing.delivered_on else Reason.NOT_BILLED
    yield Difference(standing.shipment, reason, standing.booked, begun)


def _could_be_billed(standing: Standing, patience: Patience) -> bool:
    """Whether its invoice would be among those that we have."""
    if not standing.bills_since:
        return False
    begun = standing.shipped_on or standing.delivered_on
    return begun >= standing.bills_since - dt.timedelta(days=patience.bill)


def _unearned(standing: Standing, patience: Patience, today: dt.date) -> Reason | None:
    """Why what was billed was not earned."""
    if standing.headline == Code.CANCELLED:
        return Reason.VOID_BILLED
    if standing.delivered_on:
        return None
    if standing.headline in _BACK:
        return Reason.RETURNED_AS_DELIVERED if standing.said_delivered else None
    begun = standing.shipped_on or standing.billed_on
    # Of a carrier that tells us nothing it is not known what it has delivered.
    is_late = begun and (today - begun).days > patience.deliver
    return Reason.NOT_DELIVERED if is_late and standing.is_tracked else None


def _difference(standing: Standing, reason: Reason, amount: Decimal) -> Difference:
    date = standing.billed_on or standing.shipped_on or dt.date.min
    return Difference(standing.shipment, reason, amount, date)
