"""What stands on a label."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

CARRIER_NAME = "SANDBOX CARRIER"
NOTE = "Sandbox label. Not valid for carriage."


@dataclass(frozen=True, slots=True)
class Place:
    """A name and the lines of an address below it."""

    name: str
    lines: tuple[str, ...]
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """The label of one parcel: ``position`` of ``count``."""

    tracking_number: str
    service: str
    sender: Place
    recipient: Place
    routing: str
    reference: str
    weight_kg: Decimal
    position: int
    count: int
    ship_date: dt.date
    is_return: bool = False

    @property
    def spaced_number(self) -> str:
        """The tracking number as people read it: in groups of four."""
        number = self.tracking_number
        groups = [number[:3], *(number[i : i + 4] for i in range(3, len(number), 4))]
        return " ".join(groups)

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """Caption and value of what is told beside the addresses."""
        return (
            ("WEIGHT", f"{self.weight_kg:.2f} kg"),
            ("PARCEL", f"{self.position} of {self.count}"),
            ("SHIP DATE", self.ship_date.isoformat()),
            ("REFERENCE", self.reference),
        )
