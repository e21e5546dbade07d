"""X12 210, motor carrier freight details and invoice, as parcel carriers send it.

Amounts have the type N2: two decimals without a mark, ``12345`` is 123.45. Which element holds
what in B3, C3, N9, L0 and L1, and what the qualifiers mean, is from general knowledge of
the standard (releases 4010 to 5040); a partner's guide may differ.
"""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from . import families
from .base import InvoiceFormat, Lines, register
from .document import Invoice, InvoiceFileError, InvoiceKind, Line, Parcel
from .reading import values
from .reading.segments import ISA_LENGTH, Segments

MOST_REFERENCES = 100
_COUNT = re.compile(r"[0-9]{1,9}")
_N2 = re.compile(r"-?[0-9]{1,15}")
_BILLING_ACCOUNT = ("12", "11", "14")
_PARCEL = ("2I", "CN")
_MASTER = "MB"
_SHIPPED, _DELIVERED = ("011", "086"), ("035",)
_UNITS = {"": "lb", "L": "lb", "K": "kg", "O": "oz", "G": "g"}
# Standard carrier alpha codes -> carriers of the house; another stays its own code.
_CARRIERS = {
    "UPSN": "ups",
    "UPSS": "ups",
    "FDEG": "fedex",
    "FDXE": "fedex",
    "FXFE": "fedex",
    "DHLE": "dhl",
    "DHLC": "dhl",
}


@register("x12_210")
class X12Invoice(InvoiceFormat):
    """X12 210; a record is a segment, an invoice is a transaction.

    A file that ends inside of a transaction or an interchange is an error at its end, after
    the charges before it.
    """

    title = "X12 210 (EDI)"

    # No model: there is no read of Odoo to call.
    # pylint: disable-next=method-required-super
    def read(self, stream: BinaryIO, after_row: int = 0) -> Iterator[Line]:
        return Lines(Segments(stream), _Parser(after_row).lines)

    @classmethod
    def recognise(cls, head: bytes) -> bool:
        text = head.decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip()
        if not text.startswith("ISA") or len(text) < ISA_LENGTH:
            return False
        return f"ST{text[3]}210{text[3]}" in text


class _Transaction:
    """What the segments so far have said of an invoice and of the parcel they are at."""

    def __init__(self, row: int) -> None:
        self.row = row
        self.head: list[str] = []
        self.currency = ""
        self.references: list[tuple[str, str]] = []
        self.invoice: Invoice | None = None
        self.loop: list[tuple[str, str]] = []
        self.weight: Decimal | None = None
        self.pieces: int | None = None
        self.description = ""
        self.is_unreadable = False
        self.is_in_loop = False

    def begin_loop(self) -> None:
        self.is_in_loop = True
        self.loop = []
        self.weight = self.pieces = None
        self.description = ""


class _Parser:
    def __init__(self, after_row: int) -> None:
        self._after = after_row
        self._row = 0
        self._now: _Transaction | None = None
        self._is_other = False
        self._is_open = False
        self._readers = {
            "ISA": self._isa,
            "IEA": self._iea,
            "ST": self._st,
            "SE": self._se,
            "": self._end,
        }
        self._readers_inside = {
            "B3": self._b3,
            "C3": self._c3,
            "N9": self._n9,
            "LX": self._lx,
            "L5": self._l5,
            "L0": self._l0,
            "L1": self._l1,
        }

    def lines(self, row: int, segment: list[str]) -> list[Line]:
        self._row = row
        try:
            lines = self._read(segment)
        except InvoiceFileError:
            # Told before the interruption already.
            if row > self._after or not segment[0]:
                raise
            return []
        return lines if row > self._after else []

    def _read(self, segment: list[str]) -> list[Line]:
        reader = self._readers.get(segment[0])
        if reader is None and self._now is not None:
            reader = self._readers_inside.get(segment[0])
        return (reader(segment) if reader else None) or []

    def _isa(self, segment: list[str]) -> None:
        if self._is_open:
            self._end(segment)
        self._is_open = True

    def _iea(self, segment: list[str]) -> None:
        if self._now or self._is_other:
            self._end(segment)
        self._is_open = False

    def _st(self, segment: list[str]) -> None:
        unfinished = self._now or self._is_other
        self._is_other = _element(segment, 1) != "210"
        self._now = None if self._is_other else _Transaction(self._row)
        if unfinished:
            raise self._wrong("begins a transaction before the last one has ended")

    def _se(self, segment: list[str]) -> None:
        now, self._now, self._is_other = self._now, None, False
        if now is None:
            return
        said, counted = _element(segment, 1), self._row - now.row + 1
        if said != str(counted):
            raise self._wrong(
                f"says that the invoice has {said or 'no'} segments, but {counted} came; "
                "some may be missing"
            )

    def _end(self, segment: list[str]) -> None:
        is_open = self._is_open or self._now is not None or self._is_other
        self._now, self._is_open, self._is_other = None, False, False
        if is_open:
            raise InvoiceFileError(
                f"Before segment {self._row} the end of the invoice or of the interchange "
                "is missing; the file is cut off.",
                self._row,
            )

    def _b3(self, segment: list[str]) -> None:
        now = self._now
        # Not before it has been read is anything charged to it.
        now.is_unreadable = True
        self._n2(segment, 7)
        self._date(segment, 6)
        self._date(segment, 9)
        if not _element(segment, 2):
            raise self._wrong("has no number of the invoice in its element 2")
        now.head = segment
        now.is_unreadable = False

    def _c3(self, segment: list[str]) -> None:
        self._now.currency = _element(segment, 1)

    def _n9(self, segment: list[str]) -> None:
        now = self._now
        into = now.loop if now.is_in_loop else now.references
        if len(into) == MOST_REFERENCES:
            raise self._wrong(
                f"is one reference more than {MOST_REFERENCES} of a parcel"
            )
        into.append(
            (_element(segment, 1), _element(segment, 2) or _element(segment, 3))
        )

    def _lx(self, segment: list[str]) -> None:
        self._now.begin_loop()

    def _l5(self, segment: list[str]) -> None:
        self._now.description = _element(segment, 2)

    def _l0(self, segment: list[str]) -> None:
        now = self._now
        weight, unit = _element(segment, 4), _element(segment, 11)
        unit = unit or _element(now.head, 5)
        if unit not in _UNITS:
            raise self._wrong(f"has the unit of weight “{unit}”; expected L, K, O or G")
        pieces = _element(segment, 8)
        if pieces and not _COUNT.fullmatch(pieces):
            raise self._wrong(f"has “{pieces[:40]}” as number of pieces")
        now.pieces = int(pieces) if pieces else None
        try:
            now.weight = values.kilograms(weight, ".", _UNITS[unit]) if weight else None
        except ValueError as error:
            raise self._wrong(f"has “{weight[:40]}” as weight, which {error}") from None

    def _l1(self, segment: list[str]) -> list[Line]:
        now = self._now
        amount = self._n2(segment, 4)
        if amount is None:
            return []
        invoice = self._invoice()
        code = _element(segment, 8)
        return [
            Line(
                invoice=invoice,
                row=self._row,
                part=0,
                family=families.X12_CHARGES.get(code, families.OTHER),
                amount=amount,
                currency=invoice.currency,
                parcel=self._parcel(),
                raw_code=code,
                description=_element(segment, 12) or now.description,
            )
        ]

    def _parcel(self) -> Parcel:
        now = self._now
        references = now.references + now.loop
        return Parcel(
            tracking_number=self._tracking_number(),
            master_number=_first(references, (_MASTER,)),
            references=_texts(references),
            pieces=now.pieces,
            billed_weight=now.weight,
            shipped_on=self._moved(_SHIPPED),
            delivered_on=self._moved(_DELIVERED),
        )

    def _tracking_number(self) -> str:
        """The number in the loop, else that of the document, else its shipment."""
        now = self._now
        return (
            _first(now.loop, _PARCEL)
            or _first(now.references, _PARCEL)
            or _element(now.head, 3)
        )

    def _moved(self, qualifiers: tuple[str, ...]) -> dt.date | None:
        head = self._now.head
        return self._date(head, 9) if _element(head, 10) in qualifiers else None

    def _invoice(self) -> Invoice:
        now = self._now
        if now.is_unreadable or not now.head:
            raise self._wrong(
                "charges to an invoice whose segment B3 is missing or wrong"
            )
        if now.invoice is None:
            total = self._n2(now.head, 7)
            carrier = _element(now.head, 11)
            now.invoice = Invoice(
                carrier=_CARRIERS.get(carrier, carrier.lower()),
                account=_first(now.references, _BILLING_ACCOUNT),
                number=_element(now.head, 2),
                date=self._date(now.head, 6),
                currency=now.currency,
                total=total,
                kind=InvoiceKind.CREDIT_NOTE
                if total is not None and total < 0
                else InvoiceKind.INVOICE,
            )
        return now.invoice

    def _n2(self, segment: list[str], position: int) -> Decimal | None:
        text = _element(segment, position)
        if not text:
            return None
        if not _N2.fullmatch(text):
            raise self._wrong(
                f"has “{text[:40]}” as amount in its element {position}; expected digits "
                "alone, 12345 is 123.45"
            )
        return Decimal(text).scaleb(-2)

    def _date(self, segment: list[str], position: int) -> dt.date | None:
        text = _element(segment, position)
        try:
            return values.date(text, ("yyyymmdd",)) if text else None
        except ValueError as error:
            raise self._wrong(f"has “{text[:40]}”, which {error}") from None

    def _wrong(self, what: str) -> InvoiceFileError:
        return InvoiceFileError(f"Segment {self._row} {what}.", self._row)


def _element(segment: list[str], position: int) -> str:
    return segment[position].strip() if position < len(segment) else ""


def _first(references: list[tuple[str, str]], qualifiers: tuple[str, ...]) -> str:
    found = (text for each in qualifiers for name, text in references if name == each)
    return next(found, "")


def _texts(references: list[tuple[str, str]]) -> tuple[str, ...]:
    taken = (*_BILLING_ACCOUNT, *_PARCEL, _MASTER)
    return tuple(text for name, text in references if name not in taken and text)
