"""Contract rates: what a carrier agreed to bill, read from a CSV file.

The file has a header row; columns may stand in any order, commas or semicolons separate them
(with semicolons, amounts may have a decimal comma). Each row is one price:

``kind``
    ``rate``, ``minimum`` (the least the freight of that service costs) or ``surcharge``.
``service``, ``zone``
    As the carrier writes them. Empty: any. A row that names the zone wins over one that does not.
``up_to``
    Rates: the heaviest weight it holds for, inclusive. Empty: any weight above the other rows.
``amount``
    The price; for surcharges either this or ``percent``.
``per_unit``
    Rates: added for each unit of weight above the row before it.
``percent``
    Surcharges: of the freight, ``12.5`` is 12.5 %.
``code``, ``family``
    Surcharges: the carrier's code, and our family, such as ``fuel``. One without a code holds
    for all codes of its family.
``always``
    Surcharges: ``yes`` when every shipment has it, such as fuel.
``valid_from``, ``valid_to``
    ``2026-01-31``, both inclusive. Empty ``valid_to``: until further notice.
``currency``, ``unit``, ``round_to``
    The currency; ``kg`` or ``lb``; weights are rounded up to a multiple of this, such as ``0.5``.

The rates of one service and zone that are valid on a day are one table: they have the same
period, currency, unit and rounding.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from ...shipment_visibility.canonical.freight import ZERO, Round, to_digits

# The international pound, in kilograms, is exactly this.
KG_PER_UNIT = {"kg": Decimal(1), "lb": Decimal("0.45359237")}


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days at the sender, both inclusive."""

    first: dt.date
    last: dt.date = dt.date.max

    def holds(self, day: dt.date) -> bool:
        """Whether a day is in it."""
        return self.first <= day <= self.last

    def overlaps(self, other: "Period") -> bool:
        """Whether any day is in both."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class Rate:
    """The freight up to a weight. ``up_to`` is in the unit of its table; ``None``: no end."""

    up_to: Decimal | None
    amount: Decimal
    per_unit: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class RateTable:
    """Freight of one service to one zone, the lightest first. ``zone`` empty: any."""

    service: str
    zone: str
    period: Period
    currency: str
    unit: str
    round_to: Decimal | None
    rates: tuple[Rate, ...]
    minimum: Decimal = ZERO

    def weight(self, kilograms: Decimal) -> Decimal:
        """The weight as it is billed, in the unit of the table."""
        weight = kilograms / KG_PER_UNIT[self.unit]
        if not self.round_to:
            return weight
        steps = (weight / self.round_to).to_integral_value(ROUND_CEILING)
        return steps * self.round_to

    def freight(self, kilograms: Decimal) -> Decimal | None:
        """The freight, not rounded; ``None`` when it is too heavy."""
        weight = self.weight(kilograms)
        before = ZERO
        for rate in self.rates:
            if rate.up_to is None or weight <= rate.up_to:
                amount = rate.amount + rate.per_unit * max(weight - before, ZERO)
                return max(amount, self.minimum)
            before = rate.up_to
        return None


@dataclass(frozen=True, slots=True)
class Surcharge:
    """What is added. Either ``amount`` or ``percent`` of the freight is set."""

    service: str
    zone: str
    period: Period
    currency: str
    family: str
    code: str = ""
    amount: Decimal | None = None
    percent: Decimal | None = None
    always: bool = False


@dataclass(frozen=True, slots=True)
class Tariff:
    """The contract of a carrier account."""

    tables: tuple[RateTable, ...]
    surcharges: tuple[Surcharge, ...] = ()


class NoPrice(StrEnum):
    """Why a contract names no price."""

    SERVICE = "service"
    ZONE = "zone"
    DATE = "date"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One charge as the contract has it."""

    family: str
    code: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What a shipment costs by contract.

    :ivar unknown: codes that were asked for and that the contract does not name.
    """

    lines: tuple[PricedLine, ...]
    currency: str
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """All of it."""
        return sum((line.amount for line in self.lines), ZERO)

    def by_family(self) -> dict[str, Decimal]:
        """The amount of each family that the price has."""
        amounts: dict[str, Decimal] = {}
        for line in self.lines:
            amounts[line.family] = amounts.get(line.family, ZERO) + line.amount
        return amounts


def price(
    tariff: Tariff,
    service: str,
    zone: str,
    weight: Decimal,
    date: dt.date,
    codes: Collection[tuple[str, str]] = (),
    round: Round | None = None,
) -> Price | NoPrice:
    """What the contract says a shipment costs.

    :param weight: kilograms, before the contract's rounding.
    :param date: day of shipment.
    :param codes: family and carrier's code of each surcharge that was asked for or billed; each
        is priced once.
    :return: the price, or why there is none.
    """
    round = round or to_digits()
    table = _table(tariff, service, zone, date)
    if isinstance(table, NoPrice):
        return table
    freight = table.freight(weight)
    if freight is None:
        return NoPrice.WEIGHT
    freight = round(freight, table.currency)
    valid = [
        each
        for each in tariff.surcharges
        if each.service in (service, "")
        and each.zone in (zone, "")
        and each.currency == table.currency
        and each.period.holds(date)
    ]
    found, unknown = _named(valid, codes)
    lines = [PricedLine("freight", "", freight)]
    for each, code in [*found, *_always(valid, [each for each, _code in found])]:
        amount = each.amount if each.percent is None else freight * each.percent / 100
        lines.append(PricedLine(each.family, code, round(amount, table.currency)))
    return Price(tuple(lines), table.currency, tuple(unknown))


def _table(
    tariff: Tariff, service: str, zone: str, date: dt.date
) -> RateTable | NoPrice:
    """The table that holds: the zone named before any zone, the service before any service."""
    of_service = [each for each in tariff.tables if each.service in (service, "")]
    if not of_service:
        return NoPrice.SERVICE
    of_zone = [each for each in of_service if each.zone in (zone, "")]
    if not of_zone:
        return NoPrice.ZONE
    valid = [each for each in of_zone if each.period.holds(date)]
    if not valid:
        return NoPrice.DATE
    return max(valid, key=_precision)


def _named(
    valid: list[Surcharge], codes: Collection[tuple[str, str]]
) -> tuple[list[tuple[Surcharge, str]], list[str]]:
    """The surcharges asked for, each with its code; and the codes that there are none for."""
    found, unknown = [], []
    for family, code in dict.fromkeys(codes):
        by_code = [each for each in valid if each.code and each.code == code]
        by_family = [each for each in valid if not each.code and each.family == family]
        if by_code or by_family:
            found.append((max(by_code or by_family, key=_precision), code))
        elif family != "freight":
            unknown.append(code or family)
    return found, unknown


def _always(
    valid: list[Surcharge], found: list[Surcharge]
) -> list[tuple[Surcharge, str]]:
    """The surcharges that every shipment has, without those that were asked for by name."""
    best: dict[tuple[str, str], Surcharge] = {}
    for each in sorted(valid, key=_precision):
        if each.always:
            best[each.family, each.code] = each
    return [(each, each.code) for each in best.values() if each not in found]


def _precision(each: RateTable | Surcharge) -> tuple[bool, bool]:
    return bool(each.zone), bool(each.service)
