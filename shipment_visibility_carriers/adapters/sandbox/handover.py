"""The carrier's side of handing parcels over: drivers who come, and lists they sign."""

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, ValidationError

from . import numbers, papers, tariff
from .order import Party, unreadable
from .problem import Json, Problem

LEAST_WINDOW = dt.timedelta(hours=1)
PRICE = "3.50"
_SUNDAY = 6


class Visit(BaseModel):
    """The body of a request for a pickup; the times are local to ``zone``."""

    reference: str
    place: Party
    date: dt.date = Field(gt=dt.date(2000, 1, 1), lt=dt.date(3000, 1, 1))
    ready: dt.time
    close: dt.time
    zone: str = "UTC"
    shipments: list[str] = []
    parcels: int = Field(ge=1, le=9999)
    weight_kg: Annotated[str, Field(pattern=r"^[0-9]{1,8}(\.[0-9]{1,3})?$")]
    instructions: str = ""


def pickup(payload: Json, key: str) -> Json:
    """``POST /v1/pickups``: a driver comes. The same key gives the same pickup.

    :raise Problem: nobody comes then, or there.
    """
    try:
        visit = Visit.model_validate(payload)
        begin, end = (
            dt.datetime.combine(visit.date, time, ZoneInfo(visit.zone))
            for time in (visit.ready, visit.close)
        )
    except ValidationError as error:
        raise unreadable(error) from None
    except (ZoneInfoNotFoundError, ValueError):
        message = f"The time zone {visit.zone[:40]} does not exist."
        raise Problem(400, "invalid_request", message, "zone") from None
    if not key:
        raise Problem(400, "key_missing", "The header Idempotency-Key is missing.")
    if visit.place.address.country not in tariff.WORLD:
        message = f"We do not fetch in the country {visit.place.address.country}."
        raise Problem(422, "country_unknown", message, "place.address.country")
    if visit.date.weekday() == _SUNDAY:
        raise Problem(422, "no_driver", "We do not fetch on Sundays.", "date")
    if end - begin < LEAST_WINDOW:
        message = "Our driver needs at least one hour between ready and close."
        raise Problem(422, "window_too_short", message, "close")
    identity = numbers.pickup_id(key)
    return {
        "id": identity,
        "confirmation": numbers.confirmation(identity),
        "begins_at": begin.isoformat(),
        "ends_at": end.isoformat(),
        "charges": [
            {
                "code": "PIC",
                "description": "Pickup",
                "amount": PRICE,
                "currency": "EUR",
            }
        ],
    }


def cancel_pickup(pickup_id: str) -> Json:
    """``POST /v1/pickups/<id>/cancel``. Once cancelled it stays so, however often it is asked.

    :raise Problem: there is no such pickup.
    """
    if not numbers.is_pickup_id(pickup_id):
        raise Problem(404, "not_found", f"There is no pickup {pickup_id[:40]}.")
    return {"id": pickup_id, "status": "cancelled"}


def manifest(
    payload: Json, tracking_numbers: Mapping[str, Sequence[str]] | None = None
) -> Json:
    """``POST /v1/manifests``: the list of these shipments as a PDF. The same ones, the same list.

    :param tracking_numbers: by shipment, where there is a memory of them.
    :raise Problem: one of the shipments does not exist.
    """
    shipments = payload.get("shipments")
    if not isinstance(shipments, list) or not shipments:
        message = "The list has no shipments."
        raise Problem(422, "shipments_missing", message, "shipments")
    for one in shipments:
        if not isinstance(one, str) or not numbers.is_shipment_id(one):
            raise Problem(404, "not_found", f"There is no shipment {str(one)[:40]}.")
    identity = numbers.manifest_id(shipments)
    rows = [(one, (tracking_numbers or {}).get(one, ())) for one in shipments]
    content = papers.manifest(identity, rows)
    return {
        "id": identity,
        "document": {
            "name": f"Manifest {identity}",
            "format": "PDF",
            "content": base64.b64encode(content).decode(),
        },
    }
