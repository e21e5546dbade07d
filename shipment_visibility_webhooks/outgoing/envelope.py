"""The form of a message: CloudEvents 1.0, structured JSON.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TYPE_PREFIX = "shipment."


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a shipment, as it was when it was recorded.

    :ivar id: the same for every attempt to send it.
    :ivar code: the canonical code; ``test`` for a test event.
    :ivar occurred_at: when it happened, aware.
    :ivar subject: the shipment's name.
    :ivar correlation_id: what everything about the shipment carries.
    :ivar data: the snapshot, fit for JSON.
    """

    id: str
    code: str
    occurred_at: dt.datetime
    subject: str
    correlation_id: str
    data: Mapping[str, Any]


def build(event: Event, source: str) -> bytes:
    """The message's body, the very bytes to be signed and sent.

    :param source: the address of the database that tells it
    """
    message = {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": f"{TYPE_PREFIX}{event.code}",
        "time": moment(event.occurred_at),
        "subject": event.subject,
        "datacontenttype": "application/json",
        "correlationid": event.correlation_id,
        "data": event.data,
    }
    # An attribute that has no value is left out, as the specification asks.
    present = {name: value for name, value in message.items() if value}
    return json.dumps(present, ensure_ascii=False, separators=(",", ":")).encode()


def moment(at: dt.datetime | None) -> str | None:
    """A point of time as RFC 3339 with its offset; None stays None.

    :raise ValueError: it has no zone.
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
