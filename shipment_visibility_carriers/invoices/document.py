"""What every carrier's invoice is read into."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache


class InvoiceKind(StrEnum):
    """What a document asks for."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DUTY = "duty"
    """Duties and taxes of customs, which the carrier has paid for us."""


class WeightBasis(StrEnum):
    """How the weight that is billed was come by."""

    ENTERED = "entered"
    """As the sender said."""
    SCALE = "scale"
    """Weighed by the carrier."""
    DIMENSIONS = "dimensions"
    """Calculated from the size."""
    MINIMUM = "minimum"
    """The least the service bills."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """The head of a document.

    :ivar carrier: code of the carrier that writes it; empty where the format does not say.
    :ivar account: the account number that is billed, as text.
    :ivar currency: ISO code; empty where the format does not say: the account's then.
    :ivar total: what it says it asks for in all, with taxes; negative for a credit note;
        ``None`` where it does not say. Never added up from lines.
    :ivar original_number: the invoice it corrects; else empty.
    """

    carrier: str
    account: str
    number: str
    date: dt.date | None
    currency: str
    total: Decimal | None = None
    kind: InvoiceKind = InvoiceKind.INVOICE
    original_number: str = ""
    due_date: dt.date | None = None
    _told: str = field(default="", init=False, repr=False, compare=False)

    def told(self) -> str:
        """Its part of the fingerprints of its lines."""
        if not self._told:
            told = (self.carrier, self.account, self.number, self.kind.value)
            object.__setattr__(self, "_told", repr(told))
        return self._told


# Parcels and lines are made by the hundred thousand, and a frozen one takes three times as long
# to be made. They are not changed all the same.
@dataclass(slots=True)
class Parcel:
    """What a carrier says of one package, once for all that it charges for it.

    :ivar tracking_number: as the carrier writes it, always text; empty for what belongs to the
        document as a whole.
    :ivar master_number: of the shipment the package belongs to (lead or master number).
    :ivar references: what the sender had written on the label, in the carrier's order.
    :ivar entered_weight: as the sender said; kilograms, ``None`` where the format does not say.
    :ivar billed_weight: as it is billed; kilograms.
    :ivar dimensions: length, width and height in centimetres.
    :ivar shipped_on: calendar date where the sender is.
    :ivar delivered_on: calendar date where the consignee is.
    """

    tracking_number: str = ""
    master_number: str = ""
    references: tuple[str, ...] = ()
    zone: str = ""
    pieces: int | None = None
    entered_weight: Decimal | None = None
    billed_weight: Decimal | None = None
    weight_basis: WeightBasis | None = None
    dimensions: tuple[Decimal, Decimal, Decimal] | None = None
    shipped_on: dt.date | None = None
    delivered_on: dt.date | None = None
    _told: tuple[str, ...] = field(default=(), init=False, repr=False, compare=False)

    def told(self) -> tuple[str, str, str]:
        """Its part of the fingerprints: numbers, zone and pieces, measures and days."""
        if not self._told:
            numbers = (self.tracking_number, self.master_number, self.references)
            measures = (
                (_told(self.entered_weight), _told(self.billed_weight)),
                self.weight_basis and self.weight_basis.value,
                self.dimensions and [_told(length) for length in self.dimensions],
                self.shipped_on and self.shipped_on.toordinal(),
                self.delivered_on and self.delivered_on.toordinal(),
            )
            told = (
                repr(numbers),
                f"{self.zone!r}, {self.pieces!r}",
                repr(measures)[1:-1],
            )
            self._told = told
        return self._told


@dataclass(slots=True)
class Line:
    """One charge of one package, or of the document as a whole.

    :ivar row: 1-based record of the file, the header row counted; for errors and for going on.
    :ivar part: which charge of that record, from 0.
    :ivar family: one of ``canonical.schema.CHARGE_FAMILIES``. ``info`` is never money.
    :ivar amount: what is asked for, after discounts and without tax; negative when given back.
    :ivar currency: of all amounts of the line; empty where the format does not say.
    :ivar raw_category: the carrier's own words for why it is billed, such as ``ADJ/RADJ``.
    :ivar raw_code: its code of the charge.
    :ivar gross: before discounts; ``None`` where the format does not say.
    :ivar tax: value-added tax on the amount; 0 where it is a line of its own.
    """

    invoice: Invoice
    row: int
    part: int
    family: str
    amount: Decimal
    currency: str
    parcel: Parcel = field(default_factory=Parcel)
    raw_category: str = ""
    raw_code: str = ""
    description: str = ""
    gross: Decimal | None = None
    tax: Decimal = Decimal(0)
    service: str = ""
    _fingerprint: str = field(default="", init=False, repr=False, compare=False)

    def fingerprint(self) -> str:
        """The same for the same charge, wherever in whichever file it stands: 64 characters.

        It stands in databases: were it another one, a file that is sent again would be new.
        """
        if not self._fingerprint:
            # It is asked for when lines are counted and when they are stored.
            self._fingerprint = self._calculated()
        return self._fingerprint

    def _calculated(self) -> str:
        charged = (self.family, _told(self.amount), self.currency)
        prices = (_told(self.gross), _told(self.tax))
        words = (self.raw_category, self.raw_code, self.description)
        numbers, counted, measures = self.parcel.told()
        told = (
            f"({self.invoice.told()}, {charged!r}, {prices!r}, {numbers}, {words!r}, "
            f"({self.service!r}, {counted}), {measures})"
        )
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


class InvoiceFileError(ValueError):
    """A file that cannot be read as the format says; the text is for the user.

    :ivar row: 1-based record where it went wrong; ``None`` when it is the file as a whole.
    """

    def __init__(self, text: str, row: int | None = None) -> None:
        super().__init__(text)
        self.row = row


@lru_cache(maxsize=8192)
def _told(value: Decimal | None) -> str | None:
    # 1.5 and 1.50 are the same amount, and so are 0 and -0.
    if value is None:
        return None
    return str(value.normalize()) if value else "0"
