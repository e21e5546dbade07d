"""The objects that travel between adapters, parsers and records.

Conventions that hold for every model here: money is a :class:`decimal.Decimal` with an
ISO 4217 currency; weights and sizes carry their unit; a :class:`datetime.datetime` is aware
and in UTC unless its ``zone`` says otherwise; postal codes, phone and tracking numbers are
text; countries are ISO 3166-1 alpha-2. All models are frozen.
"""

import base64
import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)

from .milestone import Code


class Canonical(BaseModel):
    """Base of all canonical objects: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _to_utc(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone; give it one and say how certain it is")
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("a time outside the calendar") from None


def _decoded(value: object) -> object:
    return base64.b64decode(value) if isinstance(value, str) else value


# What a text may not hold: PostgreSQL refuses NUL, and nobody reads the others.
_CONTROL = dict.fromkeys(set(range(32)) - {9, 10, 13} | {127})
_EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def _readable(length: int) -> AfterValidator:
    """Text of at most so many characters, without control characters."""
    return AfterValidator(lambda text: text.translate(_CONTROL).strip()[:length])


def _plausible(value: dt.datetime) -> dt.datetime:
    if not _EARLIEST <= value < _LATEST:
        raise ValueError(f"{value:%Y-%m-%d} is no date on which a parcel travels")
    return value


Line = Annotated[str, _readable(1_000)]
Text = Annotated[str, _readable(10_000)]
# Indexed: a row of an index holds no more than 2,700 bytes.
RawCode = Annotated[str, _readable(250)]
UtcDatetime = Annotated[dt.datetime, AfterValidator(_to_utc)]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
# Bytes that survive a round trip through JSON, where they are base64.
FileContent = Annotated[
    bytes,
    BeforeValidator(_decoded),
    PlainSerializer(lambda value: base64.b64encode(value).decode(), when_used="json"),
]


class Zone(StrEnum):
    """How far the zone of a carrier's time can be trusted."""

    KNOWN = "known"  # the carrier gave an offset, or documents UTC and means it
    LOCAL = "local"  # a wall clock at the place of the event; read as UTC for lack of better
    CLAIMED = "claimed"  # stamped UTC by a carrier known to send local times


class Precision(StrEnum):
    """How finely a time was given. Never invent a finer one."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class Source(StrEnum):
    """By which way an observation reached us."""

    WEBHOOK = "webhook"
    POLL = "poll"
    FILE = "file"
    MANUAL = "manual"
    ODOO = "odoo"  # what Odoo itself did: a label booked, a label voided


class Mass(Canonical):
    """A weight with its unit."""

    value: Decimal = Field(ge=0)
    unit: str = Field(default="kg", pattern="^(kg|g|lb|oz)$")

    @property
    def kg(self) -> Decimal:
        """The weight in kilograms."""
        return self.value * _KG_PER_UNIT[self.unit]


_KG_PER_UNIT = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}


class Dimensions(Canonical):
    """Outer length, width and height of a parcel, in ``unit``."""

    length: Decimal = Field(gt=0)
    width: Decimal = Field(gt=0)
    height: Decimal = Field(gt=0)
    unit: str = Field(default="cm", pattern="^(cm|mm|in)$")


class Money(Canonical):
    """An amount in one currency, as the carrier said it. Not rounded by us."""

    amount: Decimal
    currency: CurrencyCode


class Address(Canonical):
    """A postal address; ``state`` is the subdivision's code where the country has them."""

    street: str = ""
    street2: str = ""
    city: str = ""
    postal_code: str = ""
    state: str = ""
    country: CountryCode


class Party(Canonical):
    """A shipper or consignee: who, how to reach them, and where. ``phone`` is E.164 when known."""

    name: str
    company: str = ""
    phone: str = ""
    email: str = ""
    address: Address


class Payer(StrEnum):
    """Who pays the carrier."""

    SHIPPER = "shipper"
    RECEIVER = "receiver"
    THIRD_PARTY = "third_party"


class Billing(Canonical):
    """Who pays freight, or duties and taxes, and by which account at the carrier.

    ``account_number``, ``postal_code`` and ``country`` are those of the account's holder; with
    ``shipper`` they are empty: the account that books pays.
    """

    payer: Payer = Payer.SHIPPER
    account_number: str = ""
    postal_code: str = ""
    country: CountryCode | None = None


class Options(Canonical):
    """What is asked beside the transport itself.

    :ivar signature: ``none``, ``any`` for a signature, ``adult`` for an adult's.
    :ivar drop_off_point: the carrier's id of the point where the consignee fetches it.
    """

    signature: str = Field(default="none", pattern="^(none|any|adult)$")
    saturday: bool = False
    drop_off_point: str = ""


class CustomsItem(Canonical):
    """One line of a customs declaration. ``value`` is for the whole line, ``weight`` too."""

    description: str
    quantity: Decimal = Field(gt=0)
    value: Money
    weight: Mass
    hs_code: str = ""
    origin_country: CountryCode | None = None
    sku: str = ""


class Parcel(Canonical):
    """One physical parcel. ``reference`` is ours and comes back on its :class:`ParcelLabel`.

    ``declared_value`` is what its contents are worth; ``is_dangerous`` says that they are
    dangerous goods in transport law.
    """

    reference: str
    weight: Mass
    dimensions: Dimensions | None = None
    packaging: str = ""
    description: str = ""
    items: tuple[CustomsItem, ...] = ()
    declared_value: Money | None = None
    is_dangerous: bool = False


class ShipmentRequest(Canonical):
    """What is asked of a carrier when it rates or books a shipment.

    :ivar reference: our reference, printed on the label where the carrier prints one
        (the delivery's name, the order's name when only rating).
    :ivar idempotency_key: sent to the carrier wherever its API takes one; empty when rating.
    :ivar service: the carrier's service code; empty asks ``rate`` for all services.
    :ivar label_format: ``PDF`` or ``ZPL``.
    :ivar ship_date: the local calendar date of hand-over at the shipper.
    :ivar remote_id: what ``prepare`` of a two-step carrier returned; empty with others.
    :ivar freight: who pays the transport.
    :ivar duties: who pays duties and taxes; ``None`` follows the incoterm.
    :ivar contents: what customs is told that it is.
    """

    reference: str
    idempotency_key: str = ""
    service: str = ""
    shipper: Party
    consignee: Party
    parcels: tuple[Parcel, ...] = Field(min_length=1)
    ship_date: dt.date
    label_format: str = Field(default="PDF", pattern="^(PDF|ZPL)$")
    is_return: bool = False
    insured_value: Money | None = None
    incoterm: str = ""
    remote_id: str = ""
    freight: Billing = Billing()
    duties: Billing | None = None
    options: Options = Options()
    contents: str = Field(
        default="merchandise", pattern="^(merchandise|gift|sample|documents|return)$"
    )


class Charge(Canonical):
    """One freight cost line as the carrier names it.

    ``family`` is one of :data:`CHARGE_FAMILIES`; ``raw_code`` and ``description`` are the
    carrier's own.
    """

    family: str = Field(default="freight")
    money: Money
    raw_code: str = ""
    description: str = ""


CHARGE_FAMILIES = (
    "freight",
    "fuel",
    "accessorial",
    "residential",
    "area",
    "handling",
    "address_correction",
    "weight_correction",
    "return",
    "insurance",
    "duty",
    "tax",
    "brokerage",
    "credit",
    "info",
)


class RateQuote(Canonical):
    """One service and its price.

    :ivar total: what the shipment costs in all, in the carrier's currency.
    :ivar promised_date: the calendar date at the consignee, when the carrier promises one.
    :ivar source: where the price comes from, as the carrier names it (``account``,
        ``retail``, or the carrier behind an aggregator); empty when there is only one.
    """

    service: str
    service_name: str
    total: Money
    charges: tuple[Charge, ...] = ()
    promised_date: dt.date | None = None
    warnings: tuple[str, ...] = ()
    source: str = ""


class Document(Canonical):
    """A file of the carrier's: a label, a commercial invoice, a proof of delivery."""

    name: str
    mimetype: str
    content: FileContent


class ParcelLabel(Canonical):
    """The label and number of one parcel; ``parcel_reference`` repeats :attr:`Parcel.reference`."""

    parcel_reference: str
    tracking_number: str = Field(min_length=1)
    label: Document


class BookingAnswer(Canonical):
    """What a carrier answered to a booking or a return label.

    :ivar remote_id: the carrier's id of the shipment, which ``void`` takes.
    :ivar master_number: the number that names all parcels, where there is one.
    :ivar charges: what the carrier books for it, in its own currency.
    """

    remote_id: str
    service: str
    labels: tuple[ParcelLabel, ...] = Field(min_length=1)
    master_number: str = ""
    charges: tuple[Charge, ...] = ()
    promised_date: dt.date | None = None
    documents: tuple[Document, ...] = ()


class Location(Canonical):
    """Where something happened, as far as the source said."""

    facility: Line = ""
    city: Line = ""
    state: Line = ""
    postal_code: Line = ""
    country: CountryCode | None = None


class TrackingEvent(Canonical):
    """One thing a source says happened to one parcel, or to all parcels of a master number.

    Texts lose control characters and are cut at 1,000 characters, ``raw_text`` at 10,000,
    ``raw_code`` at 250.

    :ivar carrier: code of the transporting carrier; an aggregator reports for many.
    :ivar tracking_number: as the source wrote it.
    :ivar event_id: the source's own id of the event, when it has one; else the content is hashed.
    :ivar raw_code: the source's code, composed by the adapter where two parts make the meaning
        (``D/FS``). This is what a mapping maps.
    :ivar code: what the adapter's own table makes of ``raw_code``; ``UNKNOWN`` when it has no row.
    :ivar occurred_at: aware UTC, from 2000 to 2099. With ``zone`` other than ``known`` it
        is the wall clock read as UTC.
    :ivar occurred_text: the time exactly as the source wrote it.
    :ivar estimated_from: begin of the estimated delivery window; equal to ``estimated_to``
        for one time.
    :ivar estimated_date: an estimate that is a calendar date and no time.
    """

    carrier: str
    tracking_number: Annotated[Line, Field(min_length=1, max_length=128)]
    event_id: Line = ""
    raw_code: RawCode = ""
    raw_status: Line = ""
    raw_text: Text = ""
    code: Code = Code.UNKNOWN
    reason: Line = ""
    occurred_at: Annotated[UtcDatetime, AfterValidator(_plausible)]
    occurred_text: Line = ""
    zone: Zone = Zone.KNOWN
    precision: Precision = Precision.SECOND
    location: Location | None = None
    signer: Line = ""
    photo_url: Line = ""
    estimated_from: UtcDatetime | None = None
    estimated_to: UtcDatetime | None = None
    estimated_date: dt.date | None = None
