"""What is asked of a carrier beside rates and labels, and what it answers.

The conventions of :mod:`.schema` hold here too.
"""

import datetime as dt
from decimal import Decimal

from pydantic import Field, model_validator

from .schema import (
    Address,
    Canonical,
    Charge,
    Dimensions,
    Document,
    Mass,
    Money,
    Party,
    UtcDatetime,
)

CM_PER_UNIT = {"cm": Decimal(1), "mm": Decimal("0.1"), "in": Decimal("2.54")}


class PickupRequest(Canonical):
    """Ask the carrier to fetch parcels.

    :ivar reference: ours, also the key under which asking again is no second pickup where
        the carrier knows such keys.
    :ivar place: where the driver comes, and whom to ask for.
    :ivar date: the local calendar date there.
    :ivar ready: local time from which the parcels are ready.
    :ivar close: local time until which somebody is there; later than ``ready``.
    :ivar zone: the IANA name of the place's time zone.
    :ivar remote_ids: the carrier's ids of the booked shipments, as ``void`` takes them.
    :ivar tracking_numbers: of their parcels.
    :ivar service: the carrier's service code of the shipments.
    :ivar weight: of all parcels together.
    """

    reference: str
    place: Party
    date: dt.date
    ready: dt.time
    close: dt.time
    zone: str = "UTC"
    remote_ids: tuple[str, ...] = ()
    tracking_numbers: tuple[str, ...] = ()
    service: str = ""
    parcel_count: int = Field(ge=1)
    weight: Mass
    countries: tuple[str, ...] = ()
    instructions: str = ""

    @model_validator(mode="after")
    def _in_order(self):
        if self.close <= self.ready:
            raise ValueError("a pickup must close after it is ready")
        return self


class Pickup(Canonical):
    """A pickup the carrier has agreed to.

    :ivar remote_id: what ``cancel_pickup`` takes.
    :ivar confirmation: the number a driver or a hotline knows.
    """

    remote_id: str
    confirmation: str
    begins_at: UtcDatetime | None = None
    ends_at: UtcDatetime | None = None
    charges: tuple[Charge, ...] = ()


class Manifest(Canonical):
    """The end-of-day list of what is handed over. ``document`` is what the driver signs."""

    remote_id: str
    document: Document


class Purchase(Canonical):
    """A shipment that was bought, as the carrier's own list tells of it.

    :ivar remote_id: what ``void`` takes.
    :ivar key: the idempotency key it was bought under; empty where the carrier was told none.
    :ivar tracking_numbers: of its parcels, as far as this entry of the list tells.
    :ivar reference: ours of the deliveries, as printed on the label.
    :ivar cost: what was asked for the transport, where the list says.
    :ivar consignee: the name on the label.
    :ivar country: two letters, as ``postal_code`` of the consignee.
    :ivar is_return: whether it is the way back; the consignee is then not told.
    :ivar is_void: whether it was cancelled since.
    """

    remote_id: str
    key: str = ""
    tracking_numbers: tuple[str, ...] = ()
    reference: str = ""
    bought_at: UtcDatetime
    service: str = ""
    cost: Money | None = None
    consignee: str = ""
    postal_code: str = ""
    country: str = ""
    is_return: bool = False
    is_void: bool = False


class PurchasePage(Canonical):
    """Some of a carrier's list of purchases.

    :ivar next_page: asks for what follows; empty when that was all.
    """

    purchases: tuple[Purchase, ...] = ()
    next_page: str = ""


class DropOffPoint(Canonical):
    """A shop or locker where a consignee fetches a parcel.

    :ivar opening_hours: ISO weekday (1 is Monday) -> the hours as text, such as
        ``09:00-12:00, 14:00-18:00``; a day without an entry is closed.
    :ivar distance_km: from the address asked about, when the carrier says.
    """

    id: str
    name: str
    address: Address
    latitude: float | None = None
    longitude: float | None = None
    opening_hours: dict[int, str] = {}
    distance_km: Decimal | None = None


class ServiceLimits(Canonical):
    """What a service takes. ``None`` is no limit that we know of.

    :ivar weight: of one parcel.
    :ivar length: of a parcel's longest side, in centimetres.
    :ivar length_and_girth: longest side plus twice the other two, in centimetres.
    :ivar parcels: how many one shipment may have.
    """

    weight: Mass | None = None
    length: Decimal | None = None
    length_and_girth: Decimal | None = None
    parcels: int | None = None

    def excess(self, weight: Mass, dimensions: Dimensions | None) -> tuple[str, ...]:
        """The names of the limits that a parcel exceeds: of the fields above."""
        exceeded = []
        if self.weight and weight.kg > self.weight.kg:
            exceeded.append("weight")
        if dimensions:
            factor = CM_PER_UNIT[dimensions.unit]
            sides = (dimensions.length, dimensions.width, dimensions.height)
            short, middle, long = sorted(side * factor for side in sides)
            if self.length and long > self.length:
                exceeded.append("length")
            girth = long + 2 * (short + middle)
            if self.length_and_girth and girth > self.length_and_girth:
                exceeded.append("length_and_girth")
        return tuple(exceeded)
