"""The letters that the sandbox prints with."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont


@dataclass(frozen=True, slots=True)
class Typeface:
    """A regular and a bold font, and which characters both of them have."""

    regular: str
    bold: str
    shows: Callable[[str], bool]

    def text(self, text: str) -> str:
        """``text`` in characters of this typeface.

        What it lacks loses its accents, or else becomes a question mark: a label with a gap
        can be delivered by the rest, one that cannot be printed cannot.
        """
        return "".join(self._character(char) for char in " ".join(text.split()))

    def fitted(
        self, text: str, size: float, room: float, bold: bool = False
    ) -> tuple[str, str, float]:
        """Text, font and size for this room: smaller, down to two thirds; what is left is cut."""
        font = self.bold if bold else self.regular
        text = self.text(text)
        width = pdfmetrics.stringWidth(text, font, size) or 1
        size = max(min(size, size * room / width), size * 2 / 3)
        while pdfmetrics.stringWidth(text, font, size) > room + 0.1:
            text = text[:-1]
        return text, font, size

    def _character(self, char: str) -> str:
        if self.shows(char):
            return char
        if unicodedata.category(char)[0] in "CM":
            return ""
        plain = unicodedata.normalize("NFKD", char)
        return "".join(c for c in plain if self.shows(c)) or "?"


@cache
def typeface() -> Typeface:
    """DejaVu where the machine has it: Latin, Greek, Cyrillic and more. Else reportlab's Vera."""
    for regular, bold in (("DejaVuSans", "DejaVuSans-Bold"), ("Vera", "VeraBd")):
        try:
            return _truetype(regular, bold)
        except TTFError:
            continue
    return Typeface("Helvetica", "Helvetica-Bold", lambda char: " " <= char <= "~")


def _truetype(regular: str, bold: str) -> Typeface:
    fonts = [TTFont(name, f"{name}.ttf") for name in (regular, bold)]
    for font in fonts:
        pdfmetrics.registerFont(font)
    glyphs = set.intersection(*(set(font.face.charToGlyph) for font in fonts))
    return Typeface(regular, bold, lambda char: ord(char) in glyphs)
