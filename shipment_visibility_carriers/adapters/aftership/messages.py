"""An AfterShip message and its events.

``checkpoint_time`` is the local time at the checkpoint, mostly without an offset, and may be a
date. ``ts`` is when the message's event occurred, in UTC.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import TrackingEvent
from ..reading import (
    OVER,
    LooseWords,
    Message,
    Moment,
    Number,
    Time,
    UnixTime,
    documented,
    estimate,
    many,
    place,
    promise,
    read,
)
from .statuses import meaning

# "tracking_pending_time" only says that nothing is known.
_EVENTS = frozenset({"tracking_update", "edd_revise"})
_RETURN = "return_to_sender"
_WAY_BACK = frozenset({Code.RETURNING, Code.RETURNED})


class _Checkpoint(Message):
    hash: LooseWords = ""
    checkpoint_time: Time = None
    location: LooseWords = ""
    city: LooseWords = ""
    state: LooseWords = ""
    zip: LooseWords = ""
    postal_code: LooseWords = ""
    country_iso3: LooseWords = ""
    country_region: LooseWords = ""
    message: LooseWords = ""
    tag: LooseWords = ""
    subtag: LooseWords = ""
    raw_tag: LooseWords = ""


class _Estimate(Message):
    """``datetime`` for one time, the other two for a range."""

    datetime: Time = None
    datetime_min: Time = None
    datetime_max: Time = None


class _Tracking(Message):
    tracking_number: Number
    slug: LooseWords = ""
    tag: LooseWords = ""
    subtag: LooseWords = ""
    subtag_message: LooseWords = ""
    signed_by: LooseWords = ""
    expected_delivery: Time = None
    latest_estimated_delivery: _Estimate | None = None
    return_to_sender: bool | None = None
    checkpoints: many(_Checkpoint)

    def estimate(self) -> dict[str, Any]:
        """AfterShip's latest estimate, which knows the carrier's, else the carrier's."""
        latest = self.latest_estimated_delivery or _Estimate()
        return (
            estimate(latest.datetime_min, latest.datetime_max)
            or estimate(latest.datetime)
            or estimate(self.expected_delivery)
        )


class _Envelope(Message):
    event: LooseWords = Field(min_length=1)


class _Webhook(Message):
    ts: UnixTime = Field()
    msg: _Tracking


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of a message, the checkpoints in AfterShip's order.

    A checkpoint without a time cannot be placed and is left out.

    :raise MalformedMessage: it is not what AfterShip documents.
    """
    if read(_Envelope, body).event not in _EVENTS:
        return []
    message = read(_Webhook, body)
    with documented("msg"):
        return list(_events(message.msg, message.ts, carrier))


def _events(
    tracking: _Tracking, ts: Moment | None, carrier: str
) -> Iterator[TrackingEvent]:
    told = set()
    turned = _turned_back(tracking)
    for checkpoint in tracking.checkpoints:
        if checkpoint.checkpoint_time is not None:
            event = _checkpoint_event(tracking, checkpoint, turned, carrier)
            told.add(event.code)
            yield event
    if ts is None:
        return
    yield from _headline(tracking, ts, told, carrier)
    if not told & OVER and meaning(tracking.tag, tracking.subtag)[1] not in OVER:
        number, slug = tracking.tracking_number, tracking.slug
        yield from promise(carrier, number, slug, ts, tracking.estimate())


def _turned_back(tracking: _Tracking) -> Moment | None:
    """When the way back began, if AfterShip says that it did."""
    if not tracking.return_to_sender:
        return None
    times = [
        checkpoint.checkpoint_time
        for checkpoint in tracking.checkpoints
        if checkpoint.checkpoint_time
        and meaning(checkpoint.tag, checkpoint.subtag)[1] in _WAY_BACK
    ]
    return min(times, key=lambda moment: moment.at, default=None)


def _checkpoint_event(
    tracking: _Tracking, checkpoint: _Checkpoint, turned: Moment | None, carrier: str
) -> TrackingEvent:
    moment = checkpoint.checkpoint_time
    raw_code, code, reason = meaning(checkpoint.tag, checkpoint.subtag)
    if code == Code.DELIVERED and turned and moment.at >= turned.at:
        # It came back: nobody received it, and whether the sender did is known by receipt.
        raw_code, code = f"{raw_code}/{_RETURN}", Code.RETURNING
    signer = tracking.signed_by if code == Code.DELIVERED else ""
    return TrackingEvent(
        carrier=carrier,
        tracking_number=tracking.tracking_number,
        # A signature may come later, and is news then.
        event_id="/".join(filter(None, (checkpoint.hash, checkpoint.hash and signer))),
        raw_code=raw_code,
        raw_status=checkpoint.raw_tag or checkpoint.tag,
        raw_text=checkpoint.message,
        code=code,
        reason=reason,
        location=place(
            checkpoint.city or checkpoint.location,
            checkpoint.state,
            checkpoint.postal_code or checkpoint.zip,
            checkpoint.country_region or checkpoint.country_iso3,
        ),
        signer=signer,
        **moment.fields(),
    )


def _headline(
    tracking: _Tracking, ts: Moment, told: set[Code], carrier: str
) -> Iterator[TrackingEvent]:
    """What AfterShip says of the whole that no checkpoint says, such as that it gave up."""
    raw_code, code, reason = meaning(tracking.tag, tracking.subtag)
    if tracking.return_to_sender and code not in _WAY_BACK:
        raw_code, code, reason = _RETURN, Code.RETURNING, ""
    if code == Code.UNKNOWN or code in told or (code in _WAY_BACK and told & _WAY_BACK):
        return
    yield TrackingEvent(
        carrier=carrier,
        tracking_number=tracking.tracking_number,
        # Each message has a time of its own: what is said makes the event.
        event_id="/".join(filter(None, (tracking.slug, raw_code))),
        raw_code=raw_code,
        raw_status=tracking.tag,
        raw_text=tracking.subtag_message,
        code=code,
        reason=reason,
        signer=tracking.signed_by if code == Code.DELIVERED else "",
        **ts.fields(),
    )
