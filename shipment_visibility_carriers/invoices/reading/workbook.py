"""Rows of an XLSX workbook, one at a time, as the texts a table would hold."""

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from ..document import InvoiceFileError
from .archive import FREE_BYTES, MOST_BYTES, MOST_EXPANSION

# Texts are kept apart from the rows in a workbook and have to be held as a whole.
MOST_TEXT_BYTES = 96 << 20
# What a spreadsheet can have; a file can claim more.
MOST_ROWS = 1 << 20
_DAMAGED = (
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
)


class Workbook:
    """The rows of one sheet with their number, blank ones left out.

    Numbers come without rounding marks and with ``decimal_mark``, days as ``2026-12-31``,
    formulas as what the spreadsheet last made of them. One too long for a spreadsheet to have
    kept all of its digits comes as ``1.2E+17``.

    :param stream: seekable.
    :param sheet: its name; empty for the first one.
    :ivar row: the row that was read last, as the spreadsheet counts.
    :raise InvoiceFileError: it is no workbook, or holds more than is read.
    """

    def __init__(self, stream: BinaryIO, sheet: str, decimal_mark: str) -> None:
        self.decimal_mark = decimal_mark or "."
        self.row = 0
        self._rows = self._opened(stream, sheet)

    def __iter__(self) -> "Workbook":
        return self

    def __next__(self) -> tuple[int, list[str]]:
        record: list[str] = []
        while not any(record):
            record = self._record()
        return self.row, record

    def _record(self) -> list[str]:
        try:
            cells = next(self._rows)
        except _DAMAGED as error:
            raise InvoiceFileError(
                f"After row {self.row} the workbook is damaged; save it again as .xlsx.",
                self.row + 1,
            ) from error
        self.row += 1
        if self.row > MOST_ROWS:
            self._rows = iter(())
            raise InvoiceFileError("The sheet has more rows than a sheet can have.")
        return [self._text(cell) for cell in cells]

    def pass_over(self, row: int) -> "Workbook":
        """Go on behind ``row``."""
        while self.row < row:
            try:
                self._record()
            except StopIteration:
                break
        return self

    def _opened(self, stream: BinaryIO, sheet: str) -> Iterator[tuple]:
        # Half a second and 20 MB that only workbooks are worth.
        import openpyxl

        try:
            _check(stream)
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            names = book.sheetnames
            if sheet and sheet not in names:
                raise InvoiceFileError(
                    f"The workbook has no sheet “{sheet}”; it has {', '.join(names)}."
                )
            page = book[sheet or names[0]]
            # What it says of its own size is often wrong.
            page.reset_dimensions()
            return page.iter_rows(values_only=True)
        except InvoiceFileError:
            raise
        except _DAMAGED as error:
            raise InvoiceFileError(
                "The workbook is damaged or locked; save it again as .xlsx."
            ) from error

    def _text(self, cell: object) -> str:
        if cell is None:
            return ""
        if isinstance(cell, str):
            return cell.strip()
        if isinstance(cell, dt.datetime):
            return cell.date().isoformat()
        if isinstance(cell, float):
            # Fifteen digits are what a spreadsheet keeps and shows.
            number = f"{cell:.15g}"
            if abs(cell) < 10**15:
                number = f"{Decimal(number):f}"
            return number.replace(".", self.decimal_mark)
        return str(cell)


def _check(stream: BinaryIO) -> None:
    start = stream.tell()
    with zipfile.ZipFile(stream) as archive:
        # Unlike of a file that is unpacked on the way, what these say is what is ever read.
        for info in archive.infolist():
            most = max(FREE_BYTES, info.compress_size * MOST_EXPANSION)
            held = info.filename.endswith(("sharedStrings.xml", "styles.xml"))
            if info.file_size > min(most, MOST_TEXT_BYTES if held else MOST_BYTES):
                raise InvoiceFileError(
                    "The workbook unpacks to far more than it holds packed, or holds too "
                    "much text; save the sheet as CSV and send that."
                )
    stream.seek(start)
