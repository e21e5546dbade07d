"""The words in which the booking desk and its callers talk to each other."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import ShipmentRequest

# States in which nothing of ours can be live at the carrier.
DEAD = ("refused", "voided")


class CarrierDown(UserError):
    """There is no label now, for no fault of the data: it may follow by itself.

    :ivar key: of the booking of which nobody knows whether it was bought; else empty. Only
        this booking may go on.
    :ivar needs_person: the carrier cannot be asked what became of it.
    :ivar is_busy: somebody else is at it at this moment.
    :ivar retry_after: seconds after which to try again, or ``None`` when nobody said.
    """

    def __init__(
        self, message, key="", needs_person=False, is_busy=False, retry_after=None
    ):
        super().__init__(message)
        self.key = key
        self.needs_person = needs_person
        self.is_busy = is_busy
        self.retry_after = retry_after

    @property
    def is_unknown(self):
        """Whether it may have been bought."""
        return bool(self.key)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be booked: these deliveries by that method, as the request says."""

    kind: str
    pickings: Any
    method: Any
    request: ShipmentRequest


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one needs to know of a booking outside the transaction that read or wrote it."""

    key: str
    digest: str
    state: str
    kind: str
    name: str
    account_id: int
    account_name: str
    picking_ids: tuple[int, ...]
    content_hash: str
    correlation_id: str
    user_id: int
    user_name: str
    asked_at: datetime
    is_sent: bool
    is_found: bool
    handed_at: datetime | None
    parcel_references: tuple[str, ...]
    service: str
    remote_id: str
    numbers: str
    error: str
    entered: str = field(repr=False)
    answer: bytes = field(repr=False)
