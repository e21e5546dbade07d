"""A page that shows that a printer is set up."""

import unicodedata
from io import BytesIO

from reportlab.lib.pagesizes import A6
from reportlab.pdfgen.canvas import Canvas

from .base import ZPL


def make_test_page(mimetype: str, lines: list[str]) -> bytes:
    """A small page with some lines of text, as PDF (A6) or ZPL (4 by 6 inches)."""
    lines = [_plain(line) for line in lines]
    return _zpl(lines) if mimetype == ZPL else _pdf(lines)


def _zpl(lines: list[str]) -> bytes:
    fields = [
        f"^FO50,{60 + 60 * number}^A0N,40^FD{line}^FS"
        for number, line in enumerate(lines)
    ]
    return "\n".join(["^XA", *fields, "^XZ", ""]).encode("ascii")


def _pdf(lines: list[str]) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=A6)
    for number, line in enumerate(lines):
        canvas.drawString(24, A6[1] - 40 - 24 * number, line)
    canvas.save()
    return file.getvalue()


def _plain(line: str) -> str:
    """ASCII without what ZPL takes for a command: every printer has these letters."""
    ascii_line = unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode()
    return "".join(" " if char in "^~" else char for char in ascii_line)
