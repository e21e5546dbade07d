"""The label on paper: one page of A6."""

from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128Auto
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .labels import CARRIER_NAME, NOTE, Label, Place
from .typeface import typeface

WIDTH, HEIGHT = A6
MARGIN = 4 * mm
INNER = WIDTH - 2 * MARGIN
# A module of half a millimetre is read from far and survives a poor printer.
MODULE = 0.48 * mm
# Horizontal rules from top to bottom: below the head, the sender, the recipient, the details.
HEAD, SENDER, RECIPIENT, DETAILS = (y * mm for y in (128, 109, 72, 56))


def render(label: Label) -> bytes:
    """The label as a PDF of one page, the same bytes for the same label."""
    output = BytesIO()
    page = _Page(Canvas(output, pagesize=A6, invariant=1, pageCompression=1))
    page.canvas.setTitle(f"Label {label.tracking_number}")
    page.canvas.setAuthor(CARRIER_NAME.title())
    page.head(label)
    page.sender(label.sender)
    page.recipient(label)
    page.details(label)
    page.barcode(label)
    page.canvas.save()
    return output.getvalue()


class _Page:
    """Draws the blocks of a label, from top to bottom."""

    def __init__(self, canvas: Canvas):
        self.canvas = canvas
        self.typeface = typeface()
        canvas.setLineWidth(0.6)
        canvas.rect(MARGIN, MARGIN, INNER, HEIGHT - 2 * MARGIN)
        for y in (HEAD, SENDER, RECIPIENT, DETAILS):
            canvas.line(MARGIN, y, WIDTH - MARGIN, y)

    def head(self, label: Label) -> None:
        """The carrier, and the service large in white on black."""
        split = MARGIN + 42 * mm
        self.canvas.rect(
            split, HEAD, WIDTH - MARGIN - split, HEIGHT - MARGIN - HEAD, 1, 1
        )
        left = MARGIN + 3 * mm
        self._write(
            left, HEAD + 9 * mm, CARRIER_NAME.split()[0], 16, 37 * mm, bold=True
        )
        self._write(left, HEAD + 4 * mm, CARRIER_NAME.split()[1], 9, 37 * mm)
        self.canvas.setFillGray(1)
        room = WIDTH - MARGIN - split - 6 * mm
        if label.is_return:
            self._write(split + 3 * mm, HEAD + 8.5 * mm, "RETURN", 20, room, bold=True)
            self._write(split + 3 * mm, HEAD + 3 * mm, label.service, 10, room)
        else:
            service = label.service.upper()
            self._write(split + 3 * mm, HEAD + 5.5 * mm, service, 18, room, bold=True)
        self.canvas.setFillGray(0)

    def sender(self, sender: Place) -> None:
        """Who sends it, small."""
        self._caption(MARGIN + 3 * mm, SENDER + 16 * mm, "FROM")
        lines = [sender.name, *sender.lines, sender.phone]
        self._lines(lines, SENDER + 12.9 * mm, size=7, leading=2.8 * mm, limit=5)

    def recipient(self, label: Label) -> None:
        """Who gets it, large, with the routing for those who sort."""
        recipient = label.recipient
        left, top = MARGIN + 3 * mm, SENDER - 5 * mm
        self._caption(left, top + 1.2 * mm, "DELIVER TO")
        self._write(left, top - 5 * mm, recipient.name, 12, INNER - 6 * mm, bold=True)
        self._lines(recipient.lines, top - 10 * mm, size=10, leading=4.2 * mm, limit=5)
        if recipient.phone:
            self._write(
                left, RECIPIENT + 1.6 * mm, f"Tel. {recipient.phone}", 7, 45 * mm
            )
        room = 38 * mm
        self.canvas.setFillGray(0)
        self._right(RECIPIENT + 2 * mm, label.routing, 17, room)

    def details(self, label: Label) -> None:
        """Weight, number of parcels, date and our reference, each below its caption."""
        columns = (0, 21 * mm, 41 * mm, 64 * mm)
        ends = (*columns[1:], INNER - 3 * mm)
        for (caption, value), begin, end in zip(
            label.details, columns, ends, strict=True
        ):
            left = MARGIN + 3 * mm + begin
            self._caption(left, RECIPIENT - 5 * mm, caption)
            self._write(
                left, RECIPIENT - 11 * mm, value, 10, end - begin - 3 * mm, bold=True
            )

    def barcode(self, label: Label) -> None:
        """The tracking number for scanners, and below it for people."""
        barcode = Code128Auto(
            label.tracking_number, barWidth=MODULE, barHeight=30 * mm, quiet=False
        )
        barcode.drawOn(self.canvas, (WIDTH - barcode.width) / 2, MARGIN + 14.5 * mm)
        self._centred(MARGIN + 7.5 * mm, label.spaced_number, 13, bold=True)
        self._centred(MARGIN + 2.5 * mm, NOTE, 6)

    def _caption(self, x: float, y: float, text: str) -> None:
        self._write(x, y, text, 5.5, INNER)

    def _lines(self, lines, y: float, size: float, leading: float, limit: int) -> None:
        for text in [line for line in lines if line][:limit]:
            self._write(MARGIN + 3 * mm, y, text, size, INNER - 6 * mm)
            y -= leading

    def _write(self, x, y, text, size, room, bold=False) -> None:
        text = self._fitted(text, size, room, bold)
        self.canvas.drawString(x, y, text)

    def _right(self, y: float, text: str, size: float, room: float) -> None:
        text = self._fitted(text, size, room, bold=True)
        self.canvas.drawRightString(WIDTH - MARGIN - 3 * mm, y, text)

    def _centred(self, y: float, text: str, size: float, bold: bool = False) -> None:
        text = self._fitted(text, size, INNER, bold)
        self.canvas.drawCentredString(WIDTH / 2, y, text)

    def _fitted(self, text: str, size: float, room: float, bold: bool) -> str:
        """Set the font, smaller down to two thirds for a long text; what is left is cut."""
        text, font, size = self.typeface.fitted(text, size, room, bold)
        self.canvas.setFont(font, size)
        return text
