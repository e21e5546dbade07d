"""Segments of an X12 interchange, one at a time."""

from typing import BinaryIO

from ..document import InvoiceFileError
from .text import HEAD, buffered

ISA_LENGTH = 106
LONGEST_SEGMENT = 4096


class Segments:
    """Segments with their number, from 1; an empty one at the end.

    :raise InvoiceFileError: what is read is no interchange; reading ends then.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = buffered(stream)
        start = self._stream.peek(HEAD)[: HEAD - 1]
        skipped = len(start) - len(start.removeprefix(b"\xef\xbb\xbf").lstrip())
        self._stream.read(skipped)
        isa = self._stream.peek(ISA_LENGTH)[:ISA_LENGTH]
        if len(isa) < ISA_LENGTH or not isa.startswith(b"ISA"):
            raise InvoiceFileError(
                "The file does not begin with an ISA segment of 106 characters; "
                "this is no X12 interchange."
            )
        self._separator = isa[3:4].decode("latin-1")
        self._terminator = isa[105:106]
        self._rest = b""
        self._found: list[bytes] = []
        self._row = 0
        self._ended = False

    def __iter__(self) -> "Segments":
        return self

    def __next__(self) -> tuple[int, list[str]]:
        while not self._ended:
            while self._found:
                segment = self._found.pop().strip()
                if segment:
                    return self._told(segment)
            self._fill()
            if self._ended:
                return self._row + 1, [""]
        raise StopIteration

    def _fill(self) -> None:
        if len(self._rest) > LONGEST_SEGMENT:
            self._too_long()
        try:
            piece = self._stream.read(HEAD)
        except InvoiceFileError:
            self._ended = True
            raise
        if not piece:
            self._ended = True
            if self._rest.strip():
                raise InvoiceFileError(
                    f"Segment {self._row + 1} is cut off: the file ends inside of it.",
                    self._row + 1,
                )
            return
        *found, self._rest = (self._rest + piece).split(self._terminator)
        self._found = found[::-1]

    def _told(self, segment: bytes) -> tuple[int, list[str]]:
        self._row += 1
        if len(segment) > LONGEST_SEGMENT:
            self._too_long()
        if b"\0" in segment:
            raise InvoiceFileError(
                f"Segment {self._row} holds zero bytes; send the file again.", self._row
            )
        try:
            text = segment.decode()
        except UnicodeDecodeError:
            text = segment.decode("latin-1")
        if text.startswith("ISA") and text[3:4] != self._separator:
            self._ended = True
            raise InvoiceFileError(
                f"Segment {self._row} begins an interchange with other separators; "
                "send each interchange as a file of its own.",
                self._row,
            )
        return self._row, text.split(self._separator)

    def _too_long(self) -> None:
        self._ended = True
        self._found = []
        raise InvoiceFileError(
            f"After segment {self._row} no end of a segment comes for {LONGEST_SEGMENT} "
            "characters; the file is damaged.",
            self._row + 1,
        )
