"""The simulated carrier's memory: who bought what, what was cancelled, what happened to it."""

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dev import plain_imports

plain_imports.enable()

from odoo.addons.shipment_visibility_carriers.adapters.sandbox import (  # noqa: E402
    engine,
    faults,
)

Json = dict[str, Any]


@dataclass
class Purchase:
    """One shipment that was bought.

    :ivar requests: how often it was asked for under its key; the carrier buys once.
    """

    key: str
    reference: str
    answer: Json
    requests: int = 1
    voided: bool = False

    @property
    def summary(self) -> Json:
        """What a test wants to know."""
        return {
            "key": self.key,
            "reference": self.reference,
            "id": self.answer["id"],
            "numbers": [parcel["tracking_number"] for parcel in self.answer["parcels"]],
            "requests": self.requests,
            "voided": self.voided,
        }


@dataclass
class Behaviour:
    """How the carrier takes orders; changed while it runs.

    :ivar before: seconds it thinks before it buys.
    :ivar after: seconds between buying and answering.
    :ivar forgets_keys: whether it ignores the idempotency key and buys at every request.
    """

    before: float = 0.0
    after: float = 0.0
    forgets_keys: bool = False


@dataclass
class Carrier:
    """Answers the sandbox's API from the sandbox's engine, and remembers."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    _purchases: dict[str, Purchase] = field(default_factory=dict)
    _events: list[Json] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rates(self, payload: Json) -> Json:
        """Prices; nothing is remembered."""
        return engine.rates(payload)

    def book(self, payload: Json, key: str) -> Json:
        """Buy, once a key.

        :raise engine.Problem: the shipment is not taken.
        """
        time.sleep(self.behaviour.before)
        with self._lock:
            answer = self._bought(payload, key)
        time.sleep(self.behaviour.after)
        return answer

    def _bought(self, payload: Json, key: str) -> Json:
        known = self._purchases.get(key)
        if known and not self.behaviour.forgets_keys:
            known.requests += 1
            return known.answer
        answer = engine.book(payload, f"{key} again" if known else key)
        purchase = Purchase(key, payload["reference"], answer)
        self._purchases[f"{key} {len(self._purchases)}" if known else key] = purchase
        return answer

    def void(self, shipment_id: str) -> Json:
        """Cancel, as often as asked.

        :raise engine.Problem: nothing was bought under this id, or it is too late.
        """
        with self._lock:
            bought = [
                one
                for one in self._purchases.values()
                if one.answer["id"] == shipment_id
            ]
            if not bought:
                message = f"There is no shipment {shipment_id[:40]}."
                raise engine.Problem(404, "not_found", message)
            answer = engine.void(shipment_id)
            bought[0].voided = True
        return answer

    def find(self, key: str) -> Json:
        """All that was bought under a key."""
        with self._lock:
            bought = [one.answer for one in self._purchases.values() if one.key == key]
        return {"shipments": bought}

    def track(self, numbers: list[str]) -> Json:
        """What is known of these numbers."""
        with self._lock:
            known = [one for one in self._events if one["tracking_number"] in numbers]
        return {"events": known}

    def happened(self, events: list[Json]) -> None:
        """Remember events, so that tracking tells what the webhooks told."""
        with self._lock:
            self._events += events

    def purchases(self) -> list[Json]:
        """What was bought, in order."""
        with self._lock:
            return [one.summary for one in self._purchases.values()]

    def behave(self, changes: Mapping[str, Any]) -> Json:
        """Change the behaviour; return what it is now."""
        self.behaviour = Behaviour(**{**asdict(self.behaviour), **changes})
        return asdict(self.behaviour)


def fault(operation: str, *texts: str) -> faults.Fault | None:
    """The trouble that a request asks for by one of the sandbox's words."""
    return faults.find(operation, *texts)
