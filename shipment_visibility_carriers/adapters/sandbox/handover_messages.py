"""Pickups, manifests, addresses and drop-off points: pure pairs of build and parse."""

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from ....shipment_visibility.canonical.operations import (
    DropOffPoint,
    Manifest,
    Pickup,
    PickupRequest,
)
from ....shipment_visibility.canonical.schema import Address
from ..reading import Message, Text, documented, read
from .messages import Booked, Paper, charges, kilograms


class _Pickup(Message):
    id: Text = Field(min_length=1)
    confirmation: Text
    begins_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    charges: list[Booked] = []


class _Cancelled(Message):
    status: Literal["cancelled"]


class _Manifest(Message):
    id: Text = Field(min_length=1)
    document: Paper


class _Address(Message):
    street: Text = ""
    street2: Text = ""
    city: Text = ""
    postal_code: Text = ""
    state: Text = ""
    country: Text

    def canonical(self) -> Address:
        return Address(**self.model_dump())


class _Checked(Message):
    deliverable: bool
    addresses: list[_Address] = Field(max_length=20)


class _Point(Message):
    id: Text = Field(min_length=1)
    name: Text
    address: _Address
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    opening_hours: dict[Text, Text] = {}
    distance_km: Text | None = Field(default=None, pattern=r"^[0-9]{1,5}(\.[0-9]+)?$")


class _Points(Message):
    points: list[_Point] = Field(max_length=200)


def build_pickup(request: PickupRequest) -> dict[str, Any]:
    """The body of ``POST /v1/pickups``."""
    return {
        "reference": request.reference,
        "place": request.place.model_dump(mode="json"),
        "date": request.date.isoformat(),
        "ready": request.ready.isoformat("minutes"),
        "close": request.close.isoformat("minutes"),
        "zone": request.zone,
        "shipments": list(request.remote_ids),
        "parcels": request.parcel_count,
        "weight_kg": kilograms(request.weight.kg),
        "instructions": request.instructions,
    }


def parse_pickup(body: bytes) -> Pickup:
    """The answer to ``POST /v1/pickups``."""
    pickup = read(_Pickup, body)
    with documented("pickup"):
        return Pickup(
            remote_id=pickup.id,
            confirmation=pickup.confirmation,
            begins_at=pickup.begins_at,
            ends_at=pickup.ends_at,
            charges=charges(pickup.charges),
        )


def parse_cancelled(body: bytes) -> None:
    """The answer to the cancellation of a pickup, which has only one good form."""
    read(_Cancelled, body)


def parse_manifest(body: bytes) -> Manifest:
    """The answer to ``POST /v1/manifests``."""
    manifest = read(_Manifest, body)
    return Manifest(remote_id=manifest.id, document=manifest.document.canonical())


def build_address(address: Address) -> dict[str, str]:
    """The body of ``POST /v1/addresses/check``, and the question of ``GET /v1/points``."""
    return address.model_dump()


def parse_checked(body: bytes) -> list[Address]:
    """The answer to ``POST /v1/addresses/check``: none where nothing can be delivered."""
    checked = read(_Checked, body)
    with documented("addresses"):
        return [one.canonical() for one in checked.addresses if checked.deliverable]


def parse_points(body: bytes) -> list[DropOffPoint]:
    """The answer to ``GET /v1/points``, nearest first."""
    points = read(_Points, body).points
    with documented("points"):
        return [
            DropOffPoint(
                id=point.id,
                name=point.name,
                address=point.address.canonical(),
                latitude=point.latitude,
                longitude=point.longitude,
                opening_hours=point.opening_hours,
                distance_km=point.distance_km and Decimal(point.distance_km),
            )
            for point in points
        ]
