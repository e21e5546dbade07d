"""When delivery is expected."""

import datetime as dt
from typing import Any

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Precision, TrackingEvent, Zone
from .times import Moment, moment

# After these nobody expects a delivery any more.
OVER = frozenset(
    {
        Code.DELIVERED,
        Code.RETURNING,
        Code.RETURNED,
        Code.CANCELLED,
        Code.LOST,
        Code.EXPIRED,
    }
)
ESTIMATE = "estimated_delivery"
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


def estimate(begin: Moment | None, end: Moment | None = None) -> dict[str, Any]:
    """The fields of a :class:`TrackingEvent` that say when delivery is expected.

    What has no time of day, or one without an offset, is a calendar date: of several days
    the last one, which is the promise. Years that no parcel travels in are placeholders.
    """
    begin, end = begin or end, end or begin
    if begin is None or end is None or end.at < begin.at:
        return {}
    if not _FIRST_YEAR <= begin.at.year <= end.at.year <= _LAST_YEAR:
        return {}
    if _is_date(begin) and _is_date(end):
        return {"estimated_date": end.at.date()}
    if Zone.LOCAL in (begin.zone, end.zone):
        return {"estimated_date": end.at.date()}
    return {"estimated_from": begin.at, "estimated_to": end.at}


def estimate_in_words(begin: str, end: str = "") -> dict[str, Any]:
    """As :func:`estimate`, of texts. One that is no time says nothing, as it may be any words."""
    try:
        return estimate(moment(begin or end), moment(end or begin))
    except ValueError:
        return {}


def _is_date(one: Moment) -> bool:
    return one.precision == Precision.DAY or one.at.time() == dt.time()


def promise(
    carrier: str, number: str, scope: str, said_at: Moment, fields: dict[str, Any]
) -> list[TrackingEvent]:
    """The event that a delivery is expected, each date or window once; none without one.

    :param scope: whose estimate it is, where one number may have several.
    :param said_at: when the source said so.
    :param fields: what :func:`estimate` made of it.
    """
    if not fields:
        return []
    said = "/".join(value.isoformat() for value in fields.values())
    event = TrackingEvent(
        carrier=carrier,
        tracking_number=number,
        event_id="/".join(filter(None, (scope, ESTIMATE, said))),
        raw_code=ESTIMATE,
        code=Code.DELIVERY_SCHEDULED,
        **said_at.fields(),
        **fields,
    )
    return [event]
