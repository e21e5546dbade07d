"""Zipped files, a member at a time, with bounds on what comes out of them."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..document import InvoiceFileError
from .text import HEAD

ZIP_MARK = b"PK\x03\x04"
_EMPTY_MARK = b"PK\x05\x06"
MOST_MEMBERS = 100
# Billing tables are mostly empty cells: 40 to 1 is ordinary, 1000 to 1 is an attack.
MOST_EXPANSION = 200
# Below this nothing is refused for its expansion.
FREE_BYTES = 1 << 20
MOST_BYTES = 4 << 30


@dataclass(frozen=True, slots=True)
class Member:
    """One file to read.

    :ivar name: as the archive calls it; empty when the file was not zipped.
    :ivar stream: at its beginning.
    :ivar head: up to 64 KB of the beginning, to find the format by.
    """

    name: str
    stream: BinaryIO
    head: bytes


def members(stream: BinaryIO) -> Iterator[Member]:
    """The files in a zip archive in its order, or the stream itself when it is none.

    Each is read while it comes out of the archive and must be used before the next is asked
    for. Workbooks are archives, too, but one file each.

    :param stream: seekable.
    :raise InvoiceFileError: the archive is broken, locked, nested, or out of proportion; also
        while a member is read.
    """
    start = stream.tell()
    is_archive = stream.read(4) in (ZIP_MARK, _EMPTY_MARK)
    stream.seek(start)
    if not is_archive:
        yield _whole(stream)
        return
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InvoiceFileError(
            "The archive is damaged or cut off; send it again."
        ) from error
    with archive:
        listed = [info for info in archive.infolist() if not info.is_dir()]
        if any(info.filename == "[Content_Types].xml" for info in listed):
            stream.seek(start)
            yield _whole(stream)
            return
        if not listed:
            raise InvoiceFileError("The archive is empty.")
        if len(listed) > MOST_MEMBERS:
            raise InvoiceFileError(
                f"The archive holds {len(listed)} files; at most {MOST_MEMBERS} are taken. "
                "Send it in parts."
            )
        total = _Total()
        for info in listed:
            if not info.filename.startswith("__MACOSX/"):
                yield _member(archive, info, total)


def _whole(stream: BinaryIO) -> Member:
    start = stream.tell()
    head = stream.read(HEAD)
    stream.seek(start)
    return Member("", stream, head)


@dataclass(slots=True)
class _Total:
    taken: int = 0


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, total: _Total) -> Member:
    if info.flag_bits & 1:
        raise InvoiceFileError(
            f"“{info.filename}” in the archive is protected by a password; send it without."
        )
    try:
        inner = archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise InvoiceFileError(
            f"“{info.filename}” in the archive cannot be unpacked; zip it the ordinary way."
        ) from error
    opened = io.BufferedReader(_MemberStream(inner, info, total), HEAD)
    head = opened.peek(HEAD)[:HEAD]
    if head.startswith(ZIP_MARK):
        raise InvoiceFileError(
            f"“{info.filename}” in the archive is an archive or a workbook itself; "
            "send it on its own."
        )
    return Member(info.filename, opened, head)


class _MemberStream(io.RawIOBase):
    """A member that counts what comes out: what an archive says of itself is not believed."""

    def __init__(self, inner: BinaryIO, info: zipfile.ZipInfo, total: _Total) -> None:
        super().__init__()
        self._inner = inner
        self._name = info.filename
        self._most = max(FREE_BYTES, info.compress_size * MOST_EXPANSION)
        self._total = total
        self._taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        try:
            piece = self._inner.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise InvoiceFileError(
                f"“{self._name}” in the archive is damaged; send it again."
            ) from error
        self._taken += len(piece)
        self._total.taken += len(piece)
        if self._taken > self._most or self._total.taken > MOST_BYTES:
            raise InvoiceFileError(
                f"“{self._name}” in the archive unpacks to far more than it holds packed; "
                "it is not read."
            )
        buffer[: len(piece)] = piece
        return len(piece)
