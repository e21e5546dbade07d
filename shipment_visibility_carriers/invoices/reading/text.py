"""Lines of text out of bytes, one at a time, whatever the encoding."""

import io
from typing import BinaryIO

from ..document import InvoiceFileError

HEAD = 1 << 16
# Longer than any record of a carrier; below the limit of the csv module for one field.
LONGEST_RECORD = 100_000

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class Unreadable(ValueError):
    """A line that is no text; what is wrong with it, to be put behind its row."""


class Source(io.RawIOBase):
    """A stream as raw bytes; not seekable, and left open when this is closed."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        # Filled as far as it goes, so that the head that is peeked at is never cut short.
        filled = 0
        while filled < len(buffer):
            piece = self._stream.read(len(buffer) - filled)
            if not piece:
                break
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        return filled


def buffered(stream: BinaryIO) -> io.BufferedReader:
    """``stream`` with ``peek(HEAD)``; it stays open."""
    return io.BufferedReader(Source(stream), HEAD)


def encoding_of(head: bytes) -> str:
    """What the first bytes say; without a mark empty: UTF-8, and cp1252 where that fails."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), "")


def decoded_head(head: bytes, encoding: str = "") -> str:
    """The beginning of a file as text, for guessing; what does not decode is replaced."""
    encoding = encoding or encoding_of(head)
    if encoding:
        return head.decode(encoding, "replace").lstrip("\ufeff")
    return "".join(map(_by_attempt, head.splitlines(keepends=True)))


def _by_attempt(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


class TextLines:
    """The lines of a stream, with their ends. Asked on after an error, it goes on.

    Without a mark every line is tried as UTF-8, then as cp1252: that a line is read the same
    way wherever it stands matters more than one answer for the file.

    :ivar head: the beginning as text.
    :ivar record_length: characters handed out since the caller last set it to 0.
    :raise Unreadable: on what is no text, or no end of a record in sight.
    :raise InvoiceFileError: from the stream itself, such as of a damaged archive.
    """

    def __init__(self, stream: BinaryIO, encoding: str = "") -> None:
        source = buffered(stream)
        head = source.peek(HEAD)[:HEAD]
        self._encoding = encoding_of(head) or encoding
        self.head = decoded_head(head, self._encoding)
        self.record_length = 0
        self._ended = False
        if self._encoding.startswith("utf-16"):
            source = io.TextIOWrapper(source, self._encoding, newline="\n")
        elif self._encoding == "utf-8-sig":
            source.read(3)
            self._encoding = "utf-8"
        self._readline = source.readline

    def __iter__(self) -> "TextLines":
        return self

    def __next__(self) -> str:
        if self._ended:
            raise StopIteration
        try:
            line = self._readline(LONGEST_RECORD + 1)
            if line and not isinstance(line, str):
                line = self._decoded(line)
        except UnicodeError as error:
            self._ended = self._encoding.startswith("utf-16")
            raise Unreadable(
                f"holds bytes that are no {self._encoding or 'text'}; "
                "save the file as UTF-8"
            ) from error
        except InvoiceFileError:
            self._ended = True
            raise
        if not line:
            raise StopIteration
        self.record_length += len(line)
        if self.record_length > LONGEST_RECORD:
            self._ended = True
            raise Unreadable(
                f"is longer than {LONGEST_RECORD} characters: a quotation mark is opened "
                "and never closed, or this is no table; reading ends here"
            )
        if "\0" in line:
            raise Unreadable("holds zero bytes, so it is no text; send it again")
        return line

    def _decoded(self, line: bytes) -> str:
        if self._encoding:
            return line.decode(self._encoding)
        try:
            return line.decode()
        except UnicodeDecodeError:
            return line.decode("cp1252")
