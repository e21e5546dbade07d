"""The sandbox's papers on A4: the commercial invoice for customs, and the day's manifest."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .labels import CARRIER_NAME
from .order import Order, Party
from .typeface import typeface

NOTE = "Sandbox paper. Not valid for carriage or customs."
WIDTH, HEIGHT = A4
MARGIN = 18 * mm
INNER = WIDTH - 2 * MARGIN
BOTTOM = 34 * mm
Columns = Sequence[tuple[str, float, bool]]

# Caption, share of the width, and whether it is a number, which stands on the right.
_GOODS: Columns = (
    ("Description", 0.34, False),
    ("HS code", 0.13, False),
    ("Origin", 0.09, False),
    ("Quantity", 0.11, True),
    ("Weight", 0.14, True),
    ("Value", 0.19, True),
)
_SHIPMENTS: Columns = (
    ("No.", 0.07, False),
    ("Shipment", 0.38, False),
    ("Parcels", 0.55, False),
)


def commercial_invoice(order: Order, number: str) -> bytes:
    """What the goods are and what they are worth, for customs. The same order, the same bytes."""
    sheet = _Sheet(f"Commercial Invoice {number}", order.ship_date.isoformat())
    shipper, consignee = _lines(order.shipper), _lines(order.consignee)
    sheet.side_by_side(("Exporter", shipper), ("Consignee", consignee))
    facts = {
        "Reference": order.reference,
        "Reason for export": order.contents.capitalize(),
        "Incoterm": order.incoterm or "not stated",
        "Parcels": str(len(order.parcels)),
    }
    sheet.facts(facts)
    items = [item for parcel in order.parcels for item in parcel.items]
    rows = [
        (
            item.description,
            item.hs_code,
            item.origin_country or "",
            f"{item.quantity.normalize():f}",
            f"{item.weight_kg:.3f} kg",
            f"{item.value.amount:.2f} {item.value.currency}",
        )
        for item in items
    ]
    sheet.table(_GOODS, rows)
    totals: dict[str, Decimal] = {}
    for item in items:
        currency = item.value.currency
        totals[currency] = totals.get(currency, Decimal(0)) + item.value.amount
    words = ", ".join(f"{amount:.2f} {name}" for name, amount in sorted(totals.items()))
    sheet.total(f"Total value {words}")
    return sheet.finished("Exporter's signature")


def manifest(number: str, shipments: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    """What the driver takes along and signs for: shipments, each with its parcels' numbers."""
    rows = [
        (str(position), shipment, ", ".join(parcels) or "as labelled")
        for position, (shipment, parcels) in enumerate(shipments, 1)
    ]
    sheet = _Sheet("Manifest", number)
    sheet.table(_SHIPMENTS, rows)
    sheet.total(f"{len(rows)} shipments")
    return sheet.finished("Driver's signature, date and time")


def _lines(party: Party) -> list[str]:
    address = party.address
    place = " ".join(filter(None, (address.postal_code, address.city, address.state)))
    company = party.company if party.company != party.name else ""
    lines = (party.name, company, address.street, address.street2, place)
    return [line for line in (*lines, address.country, party.phone) if line]


class _Sheet:
    """Pages that are written from top to bottom."""

    def __init__(self, title: str, subtitle: str):
        self._output = BytesIO()
        self._canvas = Canvas(self._output, pagesize=A4, invariant=1, pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(CARRIER_NAME.title())
        self._typeface = typeface()
        self._title, self._subtitle = title, subtitle
        self._y = 0.0
        self._begin()

    def side_by_side(self, *blocks: tuple[str, list[str]]) -> None:
        """Addresses beside each other, each below its caption."""
        top, lowest = self._y, self._y
        for position, (caption, lines) in enumerate(blocks):
            left = MARGIN + position * INNER / len(blocks)
            self._y = top
            for text, size in ((caption.upper(), 7), *((line, 10) for line in lines)):
                self._write(left, text, size, INNER / len(blocks) - 6 * mm)
                self._y -= 5 * mm
            lowest = min(lowest, self._y)
        self._y = lowest - 4 * mm

    def facts(self, facts: dict[str, str]) -> None:
        """Captions and values in a row."""
        room = INNER / len(facts)
        for position, (caption, value) in enumerate(facts.items()):
            left = MARGIN + position * room
            self._write(left, caption.upper(), 7, room - 3 * mm)
            self._write(left, value, 10, room - 3 * mm, below=5 * mm, bold=True)
        self._y -= 16 * mm

    def table(self, columns: Columns, rows: Iterable[Sequence[str]]) -> None:
        """A table, on as many pages as it needs, each with its captions."""
        self._row(columns, [caption for caption, *_ in columns], bold=True)
        for row in rows:
            if self._y < BOTTOM + 12 * mm:
                self._end()
                self._begin()
                self._row(columns, [caption for caption, *_ in columns], bold=True)
            self._row(columns, row)

    def total(self, text: str) -> None:
        """The last line of a table."""
        self._y -= 2 * mm
        text, font, size = self._typeface.fitted(text, 11, INNER, bold=True)
        self._canvas.setFont(font, size)
        self._canvas.drawRightString(WIDTH - MARGIN, self._y, text)

    def finished(self, signature: str) -> bytes:
        """The PDF, with a line to sign on."""
        self._canvas.line(MARGIN, 30 * mm, MARGIN + INNER / 2, 30 * mm)
        self._y = 26 * mm
        self._write(MARGIN, signature, 8, INNER / 2)
        self._end()
        self._canvas.save()
        return self._output.getvalue()

    def _begin(self) -> None:
        self._y = HEIGHT - MARGIN - 5 * mm
        self._write(MARGIN, self._title, 18, INNER * 0.7, bold=True)
        text, font, size = self._typeface.fitted(CARRIER_NAME, 10, INNER * 0.3)
        self._canvas.setFont(font, size)
        self._canvas.drawRightString(WIDTH - MARGIN, self._y, text)
        self._y -= 6 * mm
        self._write(MARGIN, self._subtitle, 10, INNER)
        self._y -= 12 * mm

    def _end(self) -> None:
        self._y = 12 * mm
        self._write(MARGIN, NOTE, 7, INNER * 0.8)
        self._canvas.drawRightString(
            WIDTH - MARGIN, self._y, f"Page {self._canvas.getPageNumber()}"
        )
        self._canvas.showPage()

    def _row(self, columns: Columns, texts: Sequence[str], bold: bool = False) -> None:
        left = MARGIN
        for (_caption, share, is_number), text in zip(columns, texts, strict=True):
            room = share * INNER - 3 * mm
            text, font, size = self._typeface.fitted(text, 9, room, bold)
            self._canvas.setFont(font, size)
            if is_number:
                self._canvas.drawRightString(left + room, self._y, text)
            else:
                self._canvas.drawString(left, self._y, text)
            left += share * INNER
        self._y -= 2 * mm
        self._canvas.setLineWidth(0.8 if bold else 0.25)
        self._canvas.line(MARGIN, self._y, WIDTH - MARGIN, self._y)
        self._y -= 5 * mm

    def _write(self, x, text, size, room, below=0.0, bold=False) -> None:
        text, font, size = self._typeface.fitted(text, size, room, bold)
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self._y - below, text)
