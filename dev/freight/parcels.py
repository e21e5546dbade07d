"""The parcels that the generated invoices charge for, the same for every layout and seed."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import NamedTuple

LINES_PER_INVOICE = 250
_FIRST_DAY = dt.date(2026, 1, 5)
# Kind of charge -> how often a parcel has it, and how many cents it is.
_EXTRAS = (
    ("fuel", 0.8, (80, 900)),
    ("residential", 0.4, (300, 700)),
    ("area", 0.25, (250, 1500)),
    ("handling", 0.06, (1500, 4000)),
    ("accessorial", 0.1, (100, 900)),
    ("address_correction", 0.03, (1800, 2400)),
    ("credit", 0.03, (-2500, -100)),
)


class Charge(NamedTuple):
    """What one charge is for, as a family, and its amount in cents."""

    family: str
    cents: int


@dataclass(slots=True)
class Parcel:
    """One parcel; weights in tenths of a pound or kilogram, sides in whole units."""

    number: int
    shipped_on: dt.date
    zone: int
    entered: int
    billed: int
    sides: tuple[int, int, int]
    charges: list[Charge]

    @property
    def cents(self) -> int:
        return sum(charge.cents for charge in self.charges)


class Document(NamedTuple):
    """One invoice with its parcels and the sum of their charges."""

    index: int
    number: str
    day: dt.date
    parcels: list[Parcel]
    cents: int


@dataclass
class Truth:
    """What a reader has to find in a generated file.

    :ivar lines: charges, those of information as well.
    :ivar totals: invoice number -> what it asks for, with taxes.
    :ivar families: family -> how many lines.
    """

    lines: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    families: Counter[str] = field(default_factory=Counter)

    def add(self, number: str, family: str, cents: int) -> None:
        """One more charge."""
        self.lines += 1
        self.families[family] += 1
        if family != "info":
            self.totals[number] = self.totals.get(number, Decimal(0)) + money(cents)


@dataclass(frozen=True)
class Style:
    """How a table is written."""

    delimiter: str = ","
    decimal_mark: str = "."
    encoding: str = "utf-8"

    def amount(self, cents: int) -> str:
        """Cents with the decimal mark."""
        sign = "-" if cents < 0 else ""
        whole, rest = divmod(abs(cents), 100)
        return f"{sign}{whole}{self.decimal_mark}{rest:02}"

    def tenths(self, tenths: int) -> str:
        """Tenths with the decimal mark."""
        return f"{tenths // 10}{self.decimal_mark}{tenths % 10}"


PLAIN = Style()


def money(cents: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(cents) / 100


def documents(lines: int, seed: int) -> Iterator[Document]:
    """Invoices whose parcels have exactly so many charges together."""
    random = Random(seed)
    left = lines
    index = 0
    while left:
        budget = min(left, LINES_PER_INVOICE)
        left -= budget
        index += 1
        day = _FIRST_DAY + dt.timedelta(days=index % 300)
        parcels = []
        while budget:
            parcel = _parcel(random, day, budget)
            budget -= len(parcel.charges)
            parcels.append(parcel)
        cents = sum(parcel.cents for parcel in parcels)
        yield Document(index, f"{seed % 10}{index:08}", day, parcels, cents)


def _parcel(random: Random, day: dt.date, most: int) -> Parcel:
    charges = [Charge("freight", random.randint(500, 250_000))]
    for family, share, cents in _EXTRAS:
        if random.random() < share:
            charges.append(Charge(family, random.randint(*cents)))
    if random.random() < 0.02:
        # The same thing charged twice: a line with the same fingerprint.
        charges.append(charges[-1])
    entered = random.randint(1, 400)
    return Parcel(
        number=random.randint(10**11, 10**12 - 1),
        shipped_on=day - dt.timedelta(days=random.randint(3, 12)),
        zone=random.randint(2, 8),
        entered=entered,
        billed=entered if random.random() < 0.8 else entered + random.randint(1, 90),
        sides=(random.randint(5, 60), random.randint(5, 40), random.randint(2, 30)),
        charges=charges[:most],
    )
