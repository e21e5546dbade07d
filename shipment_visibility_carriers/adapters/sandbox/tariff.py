"""What the sandbox offers and what it costs: by service, zone, weight and number of parcels."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum

EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)
EUROPE = EU | frozenset(
    "AD AL BA CH FO GB GG GI IM IS JE LI MC MD ME MK NO RS SM UA VA".split()
)
WORLD = EUROPE | frozenset(
    """
    AE AG AM AO AR AU AZ BB BD BH BJ BN BO BR BS BW BZ CA CI CL CM CN CO CR CV DM DO DZ EC EG ET
    FJ GA GD GE GH GM GT GY HK HN HT ID IL IN JM JO JP KE KG KH KR KW KZ LA LB LC LK MA MG MN MO
    MR MU MV MW MX MY MZ NA NG NI NP NZ OM PA PE PG PH PK PR PY QA RW SA SC SG SN SR SV TG TH TN
    TR TT TW TZ UG US UY UZ VC VN ZA ZM ZW
    """.split()
)
WITHOUT_POSTAL_CODE = frozenset(
    "AE AG AO BJ BS BW BZ CI CM DM FJ GA GD GH GM GY HK JM MO MR MW PA QA RW SC TG UG ZW".split()
)

MAX_WEIGHT_KG = Decimal(70)
MAX_SIDE_CM = Decimal(300)
MAX_PARCELS = 99
MAX_INSURED = Decimal(2500)
INSURANCE = Decimal("3.50")
BEFORE_NOON = Decimal("4.00")
RETURN = Decimal("1.20")
SIGNATURE = Decimal("1.50")
ADULT_SIGNATURE = Decimal("3.90")
SATURDAY = Decimal("12.00")
DUTIES = Decimal("9.00")
FUEL_RATE = Decimal("0.125")
VOLUMETRIC_CM3_PER_KG = Decimal(5000)
# Only to put prices in different currencies into an order.
_IN_EUR = {"EUR": Decimal(1), "USD": Decimal("0.9")}


class Zone(StrEnum):
    """How far a shipment goes."""

    DOMESTIC = "domestic"
    UNION = "union"
    EUROPE = "europe"
    WORLD = "world"


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of a parcel, and the working days it takes; ``None`` where none are promised."""

    parcel: Decimal
    kilogram: Decimal
    days: int | None


@dataclass(frozen=True, slots=True)
class Service:
    """A product of the sandbox, and where it is offered.

    :ivar source: whether the price is the account's own or that of the public list.
    """

    code: str
    name: str
    rates: Mapping[Zone, Rate]
    currency: str = "EUR"
    before_noon: bool = False
    saturday: bool = False
    source: str = "account"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a price."""

    code: str
    description: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What a shipment costs by one service."""

    service: Service
    lines: tuple[Line, ...]
    promised_date: dt.date | None

    @property
    def total(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def in_eur(self) -> Decimal:
        """What it is sorted by."""
        return self.total * _IN_EUR[self.service.currency]


def _rates(**zones: tuple[str, str, int | None]) -> dict[Zone, Rate]:
    return {
        Zone(zone): Rate(Decimal(parcel), Decimal(kilogram), days)
        for zone, (parcel, kilogram, days) in zones.items()
    }


SERVICES: Mapping[str, Service] = {
    service.code: service
    for service in (
        Service(
            "economy",
            "Economy",
            _rates(
                domestic=("4.20", "0.35", 3),
                union=("8.90", "0.80", 5),
                europe=("12.50", "1.20", None),
            ),
        ),
        Service(
            "standard",
            "Standard",
            _rates(
                domestic=("5.60", "0.45", 2),
                union=("11.40", "1.05", 3),
                europe=("16.80", "1.60", 4),
                world=("34.00", "5.20", 8),
            ),
        ),
        Service(
            "express",
            "Express",
            _rates(
                domestic=("9.80", "0.70", 1),
                union=("21.50", "1.90", 2),
                europe=("29.00", "2.60", 2),
                world=("58.00", "8.40", 4),
            ),
            saturday=True,
        ),
        Service(
            "express12",
            "Express 12:00",
            _rates(domestic=("11.20", "0.80", 1), union=("26.50", "2.20", 1)),
            before_noon=True,
            saturday=True,
        ),
        Service(
            "worldwide",
            "Worldwide Priority",
            _rates(europe=("33.00", "2.90", 3), world=("62.00", "8.90", 3)),
            currency="USD",
            source="list",
        ),
    )
}


def zone(origin: str, destination: str) -> Zone:
    """The zone of two countries, both ways the same."""
    if origin == destination:
        return Zone.DOMESTIC
    both = {origin, destination}
    if both <= EU:
        return Zone.UNION
    return Zone.EUROPE if both <= EUROPE else Zone.WORLD


def crosses_customs(origin: str, destination: str) -> bool:
    """Whether goods are declared on the way."""
    return zone(origin, destination) in (Zone.EUROPE, Zone.WORLD)


def billable_kg(weight: Decimal, volume_cm3: Decimal) -> Decimal:
    """The greater of weight and volume weight, in started half kilograms."""
    kilograms = max(weight, volume_cm3 / VOLUMETRIC_CM3_PER_KG)
    halves = (kilograms * 2).to_integral_value(ROUND_CEILING)
    return max(halves, Decimal(1)) / 2


@dataclass(frozen=True, slots=True)
class Extras:
    """What is asked beside the transport.

    :ivar signature: ``none``, ``any`` or ``adult``.
    :ivar paid_by_others: freight goes to an account that is not the sender's.
    :ivar duties_paid: the sender's account pays duties and taxes.
    """

    insured: bool = False
    is_return: bool = False
    signature: str = "none"
    saturday: bool = False
    duties_paid: bool = False
    paid_by_others: bool = False


def price(
    service: Service,
    rate: Rate,
    billable: Iterable[Decimal],
    ship_date: dt.date,
    extras: Extras,
) -> Price:
    """The price of parcels with these billable weights."""
    lines = tuple(_lines(service, rate, billable, extras))
    promised = None
    if rate.days is not None:
        promised = _working_days_after(ship_date, rate.days, extras.saturday)
    return Price(service, lines, promised)


def _lines(
    service: Service, rate: Rate, billable: Iterable[Decimal], extras: Extras
) -> Iterator[Line]:
    if not extras.paid_by_others:
        freight = sum((rate.parcel + rate.kilogram * kg for kg in billable), Decimal(0))
        yield Line("FRT", "Freight", _cents(freight))
        yield Line("FUE", "Fuel surcharge 12.5%", _cents(freight * FUEL_RATE))
        if service.before_noon:
            yield Line("B12", "Delivery before 12:00", BEFORE_NOON)
    if extras.insured:
        yield Line("INS", "Transport insurance", INSURANCE)
    if extras.is_return and not extras.paid_by_others:
        yield Line("RET", "Return handling", RETURN)
    if extras.signature == "any":
        yield Line("SIG", "Signature on delivery", SIGNATURE)
    if extras.signature == "adult":
        yield Line("ADS", "Signature of an adult", ADULT_SIGNATURE)
    if extras.saturday:
        yield Line("SAT", "Delivery on Saturday", SATURDAY)
    if extras.duties_paid:
        yield Line("DTP", "Duties paid by the sender", DUTIES)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _working_days_after(date: dt.date, days: int, saturday: bool) -> dt.date:
    while days:
        date += dt.timedelta(days=1)
        days -= date.weekday() < 5 + saturday
    return date
