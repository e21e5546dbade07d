"""A Sendcloud message and its event.

Times are Unix times: documented in seconds, sent in milliseconds. Neither place, promised date
nor signer is told; the address in the message is the consignee's.
"""

from pydantic import Field

from ....shipment_visibility.canonical.schema import TrackingEvent
from ..errors import MalformedMessage
from ..reading import LooseWords, Message, UnixTime, documented, read
from .statuses import meaning

_CHANGED = "parcel_status_changed"


class _Status(Message):
    id: int = Field(ge=0, lt=10**9)
    message: LooseWords = ""


class _Parcel(Message):
    id: int = Field(ge=0, lt=10**18)
    tracking_number: LooseWords = Field(default="", max_length=128)
    status: _Status


class _Envelope(Message):
    action: LooseWords = Field(min_length=1)


class _Webhook(Message):
    timestamp: UnixTime = None
    carrier_status_change_timestamp: UnixTime = None
    parcel: _Parcel


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The event of a message; none as long as the parcel has no tracking number.

    :raise MalformedMessage: it is not what Sendcloud documents.
    """
    if read(_Envelope, body).action != _CHANGED:
        return []
    message = read(_Webhook, body)
    parcel, status = message.parcel, message.parcel.status
    moment = message.carrier_status_change_timestamp or message.timestamp
    if moment is None:
        raise MalformedMessage("timestamp: Field required")
    if not parcel.tracking_number.strip():
        return []
    code, reason = meaning(status.id)
    with documented("parcel"):
        event = TrackingEvent(
            carrier=carrier,
            tracking_number=parcel.tracking_number,
            event_id=f"{parcel.id}/{status.id}/{moment.text}",
            raw_code=str(status.id),
            raw_status=status.message,
            raw_text=status.message,
            code=code,
            reason=reason,
            **moment.fields(),
        )
    return [event]
