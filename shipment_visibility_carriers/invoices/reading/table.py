"""Records of a delimited text file, one at a time."""

import csv
import re
from contextlib import suppress
from itertools import islice
from typing import BinaryIO

from ..document import InvoiceFileError
from .text import TextLines, Unreadable

DELIMITERS = ",;\t|"
_SAMPLED = 50
_COMMA = re.compile(r"-?(?:[0-9]{1,3}(?:[. ][0-9]{3})+|[0-9]+),[0-9]{1,2}")
_POINT = re.compile(r"-?(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)\.[0-9]{1,2}")


class Table:
    """The records of a stream with their row, blank ones left out.

    Asked on after an error, it goes on with the next record, unless no end of the wrong one
    is in sight: then it ends.

    :ivar row: 1-based record that was read last; one with line breaks in it counts once.
    :ivar decimal_mark: as given, else what most amounts at the beginning have.
    :raise InvoiceFileError: on what is no record, with its row.
    """

    def __init__(
        self,
        stream: BinaryIO,
        delimiter: str = "",
        encoding: str = "",
        decimal_mark: str = "",
    ) -> None:
        self._lines = TextLines(stream, encoding)
        self.delimiter = delimiter or found_delimiter(self._lines.head)
        sample = first_records(self._lines.head, self.delimiter)
        self.decimal_mark = decimal_mark or _decimal_mark(sample, self.delimiter)
        self.row = 0
        self._reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)

    def __iter__(self) -> "Table":
        return self

    def __next__(self) -> tuple[int, list[str]]:
        record: list[str] = []
        while len(record) < 2 and not (record and record[0].strip()):
            record = self._record()
        return self.row, record

    def _record(self) -> list[str]:
        self._lines.record_length = 0
        try:
            record = next(self._reader)
        except Unreadable as error:
            self.row += 1
            raise InvoiceFileError(f"Row {self.row} {error}.", self.row) from error
        except csv.Error as error:
            self.row += 1
            raise InvoiceFileError(
                f"Row {self.row}: {_explained(error)}.", self.row
            ) from error
        self.row += 1
        return record

    def pass_over(self, row: int) -> "Table":
        """Go on behind ``row``; what is wrong before it has been told before."""
        while self.row < row:
            try:
                self._record()
            except InvoiceFileError as error:
                if error.row is None:
                    raise
            except StopIteration:
                break
        return self


def _explained(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quotation mark is opened and never closed; the file may be cut off"
    if "expected after" in str(error):
        return "a quotation mark stands inside a quoted cell; it must be written twice"
    return "this is no row of a table"


def first_records(head: str, delimiter: str) -> list[list[str]]:
    """Up to fifty records of the beginning of a file; the last may be cut off."""
    records = csv.reader(head.splitlines(keepends=True), delimiter=delimiter)
    found: list[list[str]] = []
    with suppress(csv.Error):
        found.extend(islice(records, _SAMPLED))
    return found


def found_delimiter(head: str) -> str:
    """What cuts the first record into most cells; a comma when nothing does."""
    return max(DELIMITERS, key=lambda each: len(first_record(head, each)))


def first_record(head: str, delimiter: str) -> list[str]:
    """The first record that is not blank; empty when there is none."""
    return next(filter(None, first_records(head, delimiter)), [])


def _decimal_mark(sample: list[list[str]], delimiter: str) -> str:
    cells = [cell.strip() for record in sample for cell in record]
    commas = sum(1 for cell in cells if _COMMA.fullmatch(cell))
    points = sum(1 for cell in cells if _POINT.fullmatch(cell))
    if commas == points:
        return "," if delimiter == ";" else "."
    return "," if commas > points else "."
