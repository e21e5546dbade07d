"""How these tests tell what was observed of a shipment, in a few words."""

import datetime as dt

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Precision, Source
from odoo.addons.shipment_visibility.canonical.timeline import (
    Observation,
    Timeline,
    fold,
)

DAY_ONE = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def at(hour: float) -> dt.datetime:
    """So many hours after the midnight on which all stories begin."""
    return DAY_ONE + dt.timedelta(hours=hour)


def saw(code: Code, hour: float, package: str | None = "A", **facts) -> Observation:
    """A webhook's observation; its key tells what it says, unless one is given."""
    facts.setdefault("source", Source.WEBHOOK)
    moment = at(hour)
    facts.setdefault("key", f"{package}/{code}/{moment:%d %T}/{facts['source']}")
    return Observation(package=package, code=code, occurred_at=moment, **facts)


def corrected(code: Code, hour: float, package: str | None = "A", **facts):
    """A person's correction."""
    facts = {"reason": "checked by phone", **facts}
    return saw(code, hour, package, source=Source.MANUAL, **facts)


def on_day(code: Code, day: int, package: str | None = "A", **facts) -> Observation:
    """An observation that only knows the day, counted from 0."""
    return saw(code, 24 * day, package, precision=Precision.DAY, **facts)


def told(*observations: Observation, parcels="A", **options) -> Timeline:
    """The timeline of a shipment whose parcels are called by one letter each."""
    return fold(observations, parcels, **options)


def codes(timeline: Timeline) -> list[Code]:
    """The codes of its entries, oldest first."""
    return [entry.code for entry in timeline.entries]


def happened(timeline: Timeline, code: Code) -> list[tuple[int, float]]:
    """Number and hour of each occurrence of a code."""
    return [
        (o.number, (o.occurred_at - DAY_ONE) / dt.timedelta(hours=1))
        for o in timeline.occurrences
        if o.code == code
    ]
