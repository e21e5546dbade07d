"""What the customer pays for freight, and what of it is still to be invoiced.

All amounts of one call are in one currency: that of the order, or of the company when freight is
recharged between companies. Who calls converts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from .freight import CUSTOMS, ZERO, ChargeKind, FreightCharge, Round, of_kind, once


class Basis(StrEnum):
    """What the customer's price is made of."""

    FIXED = "fixed"
    ESTIMATED = "estimated"
    """What was quoted when the order was confirmed."""
    REAL = "real"
    """What it costs, as far as is known: booked first, then invoiced."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How freight is invoiced to a customer.

    :ivar price: the fixed price; of no meaning for another basis.
    :ivar margin_percent: added to the estimated or real cost; ``Decimal(20)`` is 20 %.
    :ivar margin_amount: added once to each shipment or order, whatever is invoiced later.
    :ivar free_over: orders of this amount or more pay nothing; ``None``: all pay.
    :ivar left_out: families that are not part of the freight.
    """

    basis: Basis
    price: Decimal = ZERO
    margin_percent: Decimal = ZERO
    margin_amount: Decimal = ZERO
    free_over: Decimal | None = None
    left_out: frozenset[str] = field(default=frozenset(CUSTOMS))


AT_COST = Policy(Basis.REAL)
"""Between companies of one group: what the carrier bills, no more."""


def real_cost(
    charges: Iterable[FreightCharge],
    left_out: frozenset[str] = frozenset(CUSTOMS),
    is_complete: bool = False,
) -> Decimal | None:
    """What a shipment costs; ``None`` while nothing is booked or invoiced.

    A family that the carrier has not invoiced counts as booked until the invoices are complete,
    except where the booking named one total: then the first invoice takes its place.
    """
    mine = [each for each in once(charges) if each.family not in left_out]
    booked = _by_family(of_kind(mine, (ChargeKind.BOOKED, ChargeKind.ADJUSTED)))
    billed = _by_family(of_kind(mine, (ChargeKind.INVOICED,)))
    credits = of_kind(mine, (ChargeKind.CREDITED,))
    if not booked and not billed and not credits:
        return None
    if billed and (is_complete or len(booked) < 2):
        booked = {}
    given_back = sum((each.amount for each in credits), ZERO)
    return sum((booked | billed).values(), ZERO) + given_back


def customer_price(
    policy: Policy,
    order_amount: Decimal,
    estimated: Decimal | None,
    real: Decimal | None,
    round: Round,
    currency: str,
) -> Decimal | None:
    """What the customer pays in all, never below 0.

    :param order_amount: what decides whether freight is free.
    :param estimated: what was quoted, before any margin.
    :param real: see :func:`real_cost`.
    :return: the price; ``None`` as long as the cost it is made of is not known.
    """
    if policy.free_over is not None and order_amount >= policy.free_over:
        return round(ZERO, currency)
    if policy.basis is Basis.FIXED:
        return round(policy.price, currency)
    cost = estimated if policy.basis is Basis.ESTIMATED else real
    if cost is None:
        return None
    price = cost * (1 + policy.margin_percent / 100) + policy.margin_amount
    return round(max(price, ZERO), currency)


def still_to_invoice(price: Decimal | None, invoiced: Mapping[int, Decimal]) -> Decimal:
    """What is missing on the customer's invoices; negative is to be given back.

    :param price: what the customer pays in all; see :func:`customer_price`.
    :param invoiced: what was invoiced for it so far, by the id of the invoice's or the order's
        line, drafts too; credit notes are negative.
    """
    if price is None:
        return ZERO
    return price - sum(invoiced.values(), ZERO)


def share(
    amount: Decimal, weights: Sequence[Decimal], round: Round, currency: str
) -> list[Decimal]:
    """Share an amount by weight, evenly where one is not known; the shares add up to it.

    :param weights: one each, in one unit; none is negative.
    """
    if not all(weights):
        weights = [Decimal(1)] * len(weights)
    whole = sum(weights, ZERO)
    shares: list[Decimal] = []
    seen = given = ZERO
    for weight in weights:
        seen += weight
        # What is given so far is rounded, so that no cent is lost or found.
        due = round(amount * seen / whole, currency)
        shares.append(due - given)
        given = due
    return shares


def _by_family(charges: Iterable[FreightCharge]) -> dict[str, Decimal]:
    amounts: dict[str, Decimal] = {}
    for charge in charges:
        amounts[charge.family] = amounts.get(charge.family, ZERO) + charge.amount
    return amounts
