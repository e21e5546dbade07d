"""The times that senders sign, read strictly: each has exactly one form.

A time that could be read longer or shorter would let its end pass for the beginning of the
body, the two being signed as ``<time>.<body>``.
"""

import datetime as dt
import re

from .base import SignatureError

# Until the year 2286, and in milliseconds from 1973 on.
_SECONDS = re.compile(r"[0-9]{1,10}")
_MILLISECONDS = re.compile(r"[0-9]{12,13}")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def unix(text: str) -> float:
    """Seconds since 1970, written as such.

    :raise SignatureError: it is something else.
    """
    if not _SECONDS.fullmatch(text):
        raise _unreadable()
    return int(text)


def iso(text: str) -> float:
    """Seconds since 1970, written as ISO 8601 with a zone.

    :raise SignatureError: it is something else, or no such day exists.
    """
    if not _ISO.fullmatch(text):
        raise _unreadable()
    try:
        return dt.datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise _unreadable() from None


def any_form(text: str) -> float:
    """Seconds since 1970, written so, in milliseconds, or as ISO 8601 with a zone.

    :raise SignatureError: it is none of them.
    """
    if _MILLISECONDS.fullmatch(text):
        return int(text) / 1000
    return unix(text) if text.isdigit() else iso(text)


def _unreadable() -> SignatureError:
    return SignatureError("unreadable time of signature")
