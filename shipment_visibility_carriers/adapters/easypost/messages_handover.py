"""Handing parcels over: pickups, batches, and the list the driver signs (scan form).

https://docs.easypost.com/docs/pickups, /docs/batches, /docs/scan-forms
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from ....shipment_visibility.canonical.operations import Pickup, PickupRequest
from ....shipment_visibility.canonical.schema import Charge, Money
from ..errors import Refused
from .messages_request import build_address
from .problems import joined_errors
from .reading import Amount, Currency, Message, Text, documented, read


class _PickupRate(Message):
    carrier: str = Field(min_length=1)
    service: str = Field(min_length=1)
    rate: Amount
    currency: Currency


class _Pickup(Message):
    id: str = Field(min_length=1)
    status: str
    confirmation: Text = ""
    pickup_rates: list[_PickupRate] = []
    messages: list[Any] | None = None


class _InBatch(Message):
    id: str


class _Batch(Message):
    id: str = Field(min_length=1)
    state: str
    shipments: list[_InBatch] = []


class ScanForm(Message):
    """The list of what is handed over, as EasyPost tells of it."""

    id: str = Field(min_length=1)
    status: str
    message: Text = ""
    form_url: Text = ""


def build_pickup(request: PickupRequest, what: dict[str, Any]) -> dict[str, Any]:
    """The body of ``POST /v2/pickups``.

    :param what: the one shipment, or the batch of several.
    """
    begin, end = _window(request)
    return {
        "pickup": {
            "address": build_address(request.place),
            "reference": request.reference,
            "min_datetime": begin.isoformat(),
            "max_datetime": end.isoformat(),
            "instructions": request.instructions,
            **what,
        }
    }


def parse_pickup_offer(body: bytes, service: str) -> tuple[str, dict[str, str]]:
    """The id of the pickup, and the body of ``POST /v2/pickups/<id>/buy``: its best price.

    :param service: of the parcels; its carrier is preferred where several would come.
    :raise Refused: nobody comes, with the reasons.
    """
    pickup = read(_Pickup, body)
    if not pickup.pickup_rates:
        words = joined_errors(pickup.messages)
        raise Refused(words or "The carrier offers no pickup there at that time.")
    carrier = service.partition("/")[0]
    best = min(
        pickup.pickup_rates, key=lambda rate: (rate.carrier != carrier, rate.rate)
    )
    return pickup.id, {"carrier": best.carrier, "service": best.service}


def parse_pickup(body: bytes, request: PickupRequest, chosen: dict[str, str]) -> Pickup:
    """The pickup that was bought.

    Its window is the one asked for: EasyPost repeats it with a zone that it has made up.
    """
    pickup = read(_Pickup, body)
    begin, end = _window(request)
    with documented("pickup"):
        return Pickup(
            remote_id=pickup.id,
            confirmation=pickup.confirmation,
            begins_at=begin,
            ends_at=end,
            charges=tuple(
                Charge(
                    family="accessorial",
                    money=Money(amount=rate.rate, currency=rate.currency),
                    raw_code=rate.service,
                    description=f"Pickup by {rate.carrier}",
                )
                for rate in pickup.pickup_rates
                if rate.rate
                and chosen == {"carrier": rate.carrier, "service": rate.service}
            ),
        )


def is_cancelled(body: bytes) -> bool:
    """Whether a pickup has been called off."""
    return read(_Pickup, body).status in ("canceled", "cancelled")


def build_batch(ids: Sequence[str]) -> dict[str, Any]:
    """The body of ``POST /v2/batches`` for shipments that are bought already."""
    return {"batch": {"shipments": [{"id": one} for one in ids]}}


def parse_batch(body: bytes) -> tuple[str, frozenset[str]]:
    """The id of the batch and of the shipments that are in it by now."""
    batch = read(_Batch, body)
    return batch.id, frozenset(shipment.id for shipment in batch.shipments)


def build_scan_form(ids: Sequence[str]) -> dict[str, Any]:
    """The body of ``POST /v2/scan_forms``; the key is singular in the recorded request."""
    return {"scan_form": {"shipment": [{"id": one} for one in ids]}}


def parse_scan_form(body: bytes) -> ScanForm:
    """The list of what is handed over.

    :raise Refused: it could not be made, with the reason.
    """
    form = read(ScanForm, body)
    if form.status == "failed":
        raise Refused(form.message or "The carrier did not accept the list.")
    return form


def _window(request: PickupRequest) -> tuple[dt.datetime, dt.datetime]:
    zone = ZoneInfo(request.zone)
    begin, end = (
        dt.datetime.combine(request.date, time, zone)
        for time in (request.ready, request.close)
    )
    return begin, end
