"""Scripted journeys and the webhook messages that tell them. Pure: no clock, no network."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ORIGIN = {"facility": "Rotterdam Depot", "city": "Rotterdam", "country": "NL"}
HUB = {"facility": "Liège Hub", "city": "Liège", "country": "BE"}
BORDER = {"facility": "Basel Customs", "city": "Basel", "country": "CH"}
DESTINATION = {"facility": "Lyon Depot", "city": "Lyon", "country": "FR"}
DOORSTEP = {"city": "Lyon", "postal_code": "69002", "country": "FR"}


@dataclass(frozen=True)
class Step:
    """Something that happens to a parcel.

    :ivar status: the sandbox's code.
    :ivar after: since the journey began.
    """

    status: str
    description: str
    after: dt.timedelta
    location: Json


def _step(status: str, description: str, hours: float, location: Json) -> Step:
    return Step(status, description, dt.timedelta(hours=hours), location)


_UNDER_WAY = (
    _step("PUP", "Picked up", 0, ORIGIN),
    _step("DEP", "Departed from facility", 3, ORIGIN),
    _step("ARR", "Arrived at facility", 9, HUB),
)
_LAST_MILE = (
    _step("DPT", "Arrived at delivery depot", 24, DESTINATION),
    _step("OFD", "Out for delivery", 27, DESTINATION),
)
_DELIVERED = _step("DLV", "Delivered", 31, DOORSTEP)
_CUSTOMS = _step("CUS", "In customs clearance", 12, BORDER)

JOURNEYS: dict[str, tuple[Step, ...]] = {
    "in_transit": _UNDER_WAY,
    "delivered": (*_UNDER_WAY, *_LAST_MILE, _DELIVERED),
    "customs_held": (
        *_UNDER_WAY,
        _CUSTOMS,
        _step("CUH", "Held: documents are missing", 13, BORDER),
    ),
    "customs_cleared": (
        *_UNDER_WAY,
        _CUSTOMS,
        _step("CUC", "Cleared by customs", 15, BORDER),
        *_LAST_MILE,
        _DELIVERED,
    ),
    "attempt_failed": (
        *_UNDER_WAY,
        *_LAST_MILE,
        _step("ATF", "Nobody was there", 30, DOORSTEP),
    ),
    "lost": (*_UNDER_WAY, _step("LST", "Lost", 40, HUB)),
    "returned": (
        *_UNDER_WAY,
        *_LAST_MILE,
        _step("REF", "Refused by the consignee", 30, DOORSTEP),
        _step("RTS", "Returning to sender", 34, DESTINATION),
        _step("RTD", "Returned to sender", 60, ORIGIN),
    ),
}


def duration(name: str) -> dt.timedelta:
    """How long the journey takes.

    :raise KeyError: there is no such journey.
    """
    return JOURNEYS[name][-1].after


def events(
    name: str,
    number: str,
    start: dt.datetime,
    signer: str = "",
    photo_url: str = "",
    pace: float = 1.0,
) -> list[Json]:
    """What happens to one parcel, in order, as the sandbox's API tells it.

    :param start: the aware time the journey begins.
    :param signer: who signed, for a journey that is delivered.
    :param photo_url: of the proof of delivery; by default one of the parcel's own.
    :param pace: how long a second of the journey lasts; below 1 it goes faster.
    :raise KeyError: there is no such journey.
    """
    return [
        _event(step, position, number, start + step.after * pace, signer, photo_url)
        for position, step in enumerate(JOURNEYS[name], 1)
    ]


def _event(
    step: Step, position: int, number: str, at: dt.datetime, signer: str, photo: str
) -> Json:
    event = {
        "event_id": f"evt_{number}_{position}_{step.status}",
        "tracking_number": number,
        "code": step.status,
        "description": step.description,
        "occurred_at": at.isoformat(timespec="seconds"),
        "location": step.location,
    }
    if step.status == "DLV":
        event["signer"] = signer or "Recipient"
        event["photo_url"] = photo or f"https://photos.example/{number}.jpg"
    return event


def message(contents: Sequence[Json], identity: str) -> bytes:
    """The body of a webhook.

    :param identity: the message's own id; another one makes another message.
    """
    return json.dumps(
        {"id": identity, "type": "tracking.updated", "events": list(contents)},
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()


def messages(contents: Sequence[Json]) -> Iterator[bytes]:
    """One message an event."""
    for event in contents:
        yield message([event], f"msg_{event['event_id']}")
