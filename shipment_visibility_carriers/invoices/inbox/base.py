"""The contract of a place that invoice files are fetched from, and which of them to take."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import BinaryIO

# A file that is older is written by nobody any more.
QUIET = dt.timedelta(minutes=1)
# What programs call a file while they write it, and put aside when they are done.
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", "~")


class Trouble(StrEnum):
    """Why nothing can be fetched from a place."""

    NO_ROOT = "no_root"
    """The administrator of the server has named no directory."""
    OUTSIDE = "outside"
    """The folder does not lie below that directory."""
    NO_FOLDER = "no_folder"
    NO_FILE = "no_file"
    """A single file cannot be read; the others may."""
    TOO_BIG = "too_big"
    """A single file is bigger than is allowed."""
    NOT_INSTALLED = "not_installed"
    """The Python package for SFTP is missing."""
    NOT_REACHED = "not_reached"
    NO_HOST_KEY = "no_host_key"
    """Nobody has confirmed the server's key."""
    OTHER_HOST_KEY = "other_host_key"
    """The server shows another key than the one that was confirmed."""
    BAD_KEY = "bad_key"
    """The private key is none, or needs another passphrase."""
    REFUSED = "refused"
    """The server does not let us in."""
    BROKEN = "broken"
    """The connection was lost, or the server did not answer as one."""


OF_ONE_FILE = (Trouble.NO_FILE, Trouble.TOO_BIG)


class InboxError(Exception):
    """Why something was not fetched.

    :ivar trouble: for the model to say in the user's language.
    :ivar about: what it is about: a name or a fingerprint, and never a secret.
    """

    def __init__(self, trouble: Trouble, about: str = "") -> None:
        super().__init__(f"{trouble.value}: {about}" if about else trouble.value)
        self.trouble = trouble
        self.about = about


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as the place lists it.

    :ivar modified: seconds since 1970 by the clock of the place.
    """

    name: str
    size: int
    modified: int

    @property
    def stamp(self) -> str:
        """What changes when the file does."""
        return f"{self.size}-{self.modified}"


class Inbox:
    """A place that files are fetched from. Nothing there is changed, moved or deleted.

    A context manager; what it holds open is closed on leaving.
    """

    def __enter__(self) -> "Inbox":
        return self

    def __exit__(self, *_error: object) -> None:
        """Close what was opened."""

    def entries(self) -> list[Entry]:
        """The plain files that lie there, without folders and links, by name.

        :raise InboxError: the place cannot be looked at.
        """
        raise NotImplementedError

    def fetch(self, entry: Entry) -> BinaryIO:
        """Open a file for reading from its beginning.

        :raise InboxError: it cannot be read; see ``OF_ONE_FILE``.
        """
        raise NotImplementedError


def is_wanted(name: str, patterns: Sequence[str]) -> bool:
    """Whether a file is one of invoices: ``*.csv``; case does not matter, nothing is all.

    Hidden files and those that are still being written by their name are never.
    """
    lowered = name.lower()
    if lowered.startswith(".") or lowered.endswith(_UNFINISHED):
        return False
    if not patterns:
        return True
    return any(fnmatchcase(lowered, pattern.lower()) for pattern in patterns)


def is_settled(entry: Entry, before: str | None, now: dt.datetime) -> bool:
    """Whether nobody is writing a file any more.

    :param before: its stamp when it was last looked at; None when it is new.
    :param now: with a zone. The place's clock may be wrong: a time to come says nothing.
    """
    if before == entry.stamp:
        return True
    modified = dt.datetime.fromtimestamp(entry.modified, dt.UTC)
    return now - modified > QUIET
