"""The milestone vocabulary: what can be said of a parcel, and what it implies.

Everything is one table, :data:`MILESTONES`, in the order of the codes' numbers. How the
milestones of one shipment add up to a headline is :mod:`.timeline`'s business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class Code(StrEnum):
    """What happened. The values are stored; never rename one."""

    UNKNOWN = "unknown"
    INFO_RECEIVED = "info_received"
    PICKUP_SCHEDULED = "pickup_scheduled"
    PICKUP_FAILED = "pickup_failed"
    PICKED_UP = "picked_up"
    DEPARTED = "departed"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    CUSTOMS_PROCESSING = "customs_processing"
    CUSTOMS_HELD = "customs_held"
    CUSTOMS_CLEARED = "customs_cleared"
    AT_DESTINATION = "at_destination"
    DELIVERY_SCHEDULED = "delivery_scheduled"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    ON_HOLD = "on_hold"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Phase(StrEnum):
    """Which leg of the journey a milestone belongs to."""

    NONE = "none"
    PRE_CARRIER = "pre_carrier"
    ORIGIN = "origin"
    LINE_HAUL = "line_haul"
    BORDER = "border"
    DESTINATION = "destination"
    LAST_MILE = "last_mile"
    OUTCOME = "outcome"
    RETURN = "return"


PHASE_LABELS: Mapping[Phase, str] = MappingProxyType(
    {
        Phase.NONE: "No phase",
        Phase.PRE_CARRIER: "Before the carrier",
        Phase.ORIGIN: "Origin",
        Phase.LINE_HAUL: "Line haul",
        Phase.BORDER: "Border",
        Phase.DESTINATION: "Destination",
        Phase.LAST_MILE: "Last mile",
        Phase.OUTCOME: "Outcome",
        Phase.RETURN: "Return",
    }
)

Kind = Literal["state", "overlay", "information"]
Audience = Literal["customer", "internal", "none"]


@dataclass(frozen=True, slots=True)
class Milestone:
    """What a :class:`Code` implies.

    :ivar number: its place in the table; breaks ties of rank.
    :ivar rank: how far along the journey it is, or None. A tie-break, never a ratchet.
    :ivar kind: ``state`` moves the headline; ``overlay`` raises an exception and leaves
        the headline; ``information`` does neither.
    :ivar terminal: only the codes of :data:`REOPENS` lead out of it.
    :ivar soft: it ends a journey only as long as nothing else is known of it.
    :ivar exception: it is trouble that somebody has to look at.
    :ivar audience: who may be told: the ``customer``, the shipper's own people
        (``internal``), or nobody (``none``).
    """

    code: Code
    number: int
    label: str
    phase: Phase
    rank: int | None
    kind: Kind
    audience: Audience = "customer"
    terminal: bool = False
    soft: bool = False
    exception: bool = False


def _table() -> Mapping[Code, Milestone]:
    code, phase = Code, Phase
    rows = (
        (code.UNKNOWN, "Unknown", phase.NONE, 0, "information", "none"),
        (code.INFO_RECEIVED, "Label created", phase.PRE_CARRIER, 10, "state"),
        (code.PICKUP_SCHEDULED, "Pickup scheduled", phase.PRE_CARRIER, 15, "state"),
        (code.PICKUP_FAILED, "Pickup failed", phase.PRE_CARRIER, 16, "overlay", "none"),
        (code.PICKED_UP, "Picked up", phase.ORIGIN, 20, "state"),
        (code.DEPARTED, "Departed", phase.LINE_HAUL, 30, "state"),
        (code.IN_TRANSIT, "In transit", phase.LINE_HAUL, 30, "state"),
        (code.ARRIVED, "Arrived", phase.LINE_HAUL, 30, "state"),
        (code.CUSTOMS_PROCESSING, "In customs clearance", phase.BORDER, 35, "state"),
        (code.CUSTOMS_HELD, "Held at customs", phase.BORDER, 35, "overlay"),
        (code.CUSTOMS_CLEARED, "Cleared by customs", phase.BORDER, 38, "state"),
        (code.AT_DESTINATION, "At destination", phase.DESTINATION, 40, "state"),
        (
            code.DELIVERY_SCHEDULED,
            "Delivery scheduled",
            phase.DESTINATION,
            None,
            "information",
        ),
        (code.OUT_FOR_DELIVERY, "Out for delivery", phase.LAST_MILE, 50, "state"),
        (
            code.ATTEMPT_FAILED,
            "Delivery attempt failed",
            phase.LAST_MILE,
            55,
            "state",
        ),
        (
            code.AVAILABLE_FOR_PICKUP,
            "Available for pickup",
            phase.LAST_MILE,
            60,
            "state",
        ),
        (code.PARTIALLY_DELIVERED, "Partially delivered", phase.OUTCOME, 80, "state"),
        (code.DELIVERED, "Delivered", phase.OUTCOME, 90, "state"),
        (code.DELAYED, "Delayed", phase.NONE, None, "overlay"),
        (code.ON_HOLD, "On hold", phase.NONE, None, "overlay"),
        (code.DAMAGED, "Damaged", phase.NONE, None, "overlay", "internal"),
        (code.LOST, "Lost", phase.OUTCOME, 92, "state", "internal"),
        (code.RETURNING, "Returning", phase.RETURN, 95, "state"),
        (code.RETURNED, "Returned", phase.RETURN, 97, "state"),
        (code.CANCELLED, "Cancelled", phase.OUTCOME, 99, "state"),
        (code.EXPIRED, "Tracking expired", phase.NONE, None, "state", "none"),
    )
    terminal = {code.DELIVERED, code.LOST, code.RETURNED, code.CANCELLED}
    trouble = {
        code.ATTEMPT_FAILED,
        code.PARTIALLY_DELIVERED,
        code.LOST,
        code.RETURNING,
        code.RETURNED,
        code.EXPIRED,
    }
    return MappingProxyType(
        {
            row[0]: Milestone(
                row[0],
                number,
                *row[1:],
                terminal=row[0] in terminal,
                soft=row[0] == code.EXPIRED,
                exception=row[0] in trouble or row[4] == "overlay",
            )
            for number, row in enumerate(rows)
        }
    )


MILESTONES: Mapping[Code, Milestone] = _table()


def milestone(code: Code) -> Milestone:
    """The row of ``code``, which may also be its value."""
    return MILESTONES[Code(code)]


# What ends a journey, as it is stored.
TERMINAL = tuple(row.code.value for row in MILESTONES.values() if row.terminal)

# A scan: a state that only a carrier who holds the parcel can report.
SCANS = frozenset(
    row.code
    for row in MILESTONES.values()
    if row.kind == "state"
    and row.rank is not None
    and row.rank >= MILESTONES[Code.PICKED_UP].rank
    and row.code not in (Code.LOST, Code.CANCELLED)
)

# Which strictly newer events lead out of a terminal state. CANCELLED is left by whatever
# shows possession, and that is an anomaly: the void failed, so money is due. Out of
# RETURNED leads nothing but a person's correction.
REOPENS: Mapping[Code, frozenset[Code]] = MappingProxyType(
    {
        Code.DELIVERED: frozenset({Code.RETURNING, Code.RETURNED, Code.LOST}),
        Code.CANCELLED: SCANS | {Code.LOST},
        Code.RETURNED: frozenset(),
        Code.LOST: SCANS,
    }
)


def selection() -> list[tuple[str, str]]:
    """``(value, label)`` of all codes, in the order of the table."""
    return [(row.code.value, row.label) for row in MILESTONES.values()]


def phase_selection() -> list[tuple[str, str]]:
    """``(value, label)`` of all phases, in the order of a journey."""
    return [(phase.value, PHASE_LABELS[phase]) for phase in Phase]
