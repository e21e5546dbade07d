"""When something happened, as the Track API and Track Alert write it.

Both write the local date and time of a scan (``20240423``, ``091519``) and, where UPS knows the
zone, the same moment in GMT beside it or the offset. Only these are certain.
"""

import datetime as dt

from ....shipment_visibility.canonical.schema import Zone
from ..errors import MalformedMessage
from . import common

# A date and a time, either of which UPS may leave empty.
Stamp = tuple[str | None, str | None]


def moment(
    local: Stamp, gmt: Stamp, offset_text: str | None
) -> tuple[dt.datetime, Zone]:
    """When, and how certain its zone is.

    :raise MalformedMessage: there is no date, or one that is none.
    """
    if gmt[0] and gmt[1]:
        return _combined(gmt, dt.UTC), Zone.KNOWN
    zone = offset(offset_text)
    return _combined(local, zone or dt.UTC), Zone.KNOWN if zone else Zone.LOCAL


def clock(text: str) -> dt.time:
    """A time with or without colons; UPS drops the zero of a morning's hour.

    :raise MalformedMessage: it is none.
    """
    digits = text.replace(":", "").zfill(6)
    try:
        return dt.datetime.strptime(digits[:6], "%H%M%S").time()
    except ValueError:
        raise MalformedMessage(f"a time that is none: {text[:20]!r}") from None


def offset(text: str | None) -> dt.timezone | None:
    """``-05:00``; Track Alert writes ``-05.00``. Anything else is no zone."""
    try:
        parsed = dt.datetime.strptime((text or "").replace(".", ":"), "%z").tzinfo
    except ValueError:
        return None
    return parsed if isinstance(parsed, dt.timezone) else None


def _combined(stamp: Stamp, zone: dt.tzinfo) -> dt.datetime:
    date, time = stamp
    return dt.datetime.combine(common.day(date or ""), clock(time or ""), zone)
