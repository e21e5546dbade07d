"""The simulated carrier's memory: who bought what, what was cancelled, what happened to it."""

import datetime as dt
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any

from dev import plain_imports

plain_imports.enable()

from odoo.addons.shipment_visibility_carriers.adapters.sandbox import (  # noqa: E402
    engine,
    faults,
    handover,
    places,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.problem import (  # noqa: E402
    Problem,
)

from .trouble import Fate, Fortune, Profile  # noqa: E402

Json = dict[str, Any]
# Few, so that a test need not buy many.
PAGE_SIZE = 3


@dataclass
class Purchase:
    """One shipment that was bought.

    :ivar requests: how often it was asked for under its key; the carrier buys once.
    :ivar draft: the id of the draft it was bought of, or empty.
    :ivar manifest: the id of the list it is on, or empty.
    :ivar payload: what was asked for.
    """

    key: str
    reference: str
    answer: Json
    requests: int = 1
    voided: bool = False
    draft: str = ""
    manifest: str = ""
    payload: Json = field(default_factory=dict)
    bought_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def listed(self) -> Json:
        """As the carrier's own list tells of it."""
        consignee = self.payload["consignee"]
        place = consignee["address"]
        lines = self.answer["charges"]
        total = sum(Decimal(line["amount"]) for line in lines)
        return {
            **self.summary,
            "service": self.answer["service"],
            "bought_at": self.bought_at.isoformat(),
            "cost": {"amount": f"{total:f}", "currency": lines[0]["currency"]},
            "consignee": {
                "name": consignee["name"],
                "postal_code": place["postal_code"],
                "country": place["country"],
            },
            "return": self.payload["return"],
        }

    @property
    def numbers(self) -> list[str]:
        """Of its parcels."""
        return [parcel["tracking_number"] for parcel in self.answer["parcels"]]

    @property
    def summary(self) -> Json:
        """What a test wants to know."""
        return {
            "key": self.key,
            "reference": self.reference,
            "id": self.answer["id"],
            "numbers": self.numbers,
            "requests": self.requests,
            "voided": self.voided,
            "draft": self.draft,
            "manifest": self.manifest,
        }


@dataclass
class Visit:
    """A pickup that was ordered; ``requests`` counts as a purchase's does."""

    key: str
    reference: str
    answer: Json
    requests: int = 1
    cancelled: bool = False

    @property
    def summary(self) -> Json:
        """What a test wants to know."""
        return {
            "key": self.key,
            "reference": self.reference,
            "id": self.answer["id"],
            "confirmation": self.answer["confirmation"],
            "requests": self.requests,
            "cancelled": self.cancelled,
        }


@dataclass
class Behaviour:
    """How the carrier takes orders; changed while it runs.

    :ivar before: seconds it thinks before it buys.
    :ivar after: seconds between buying and answering.
    :ivar forgets_keys: whether it ignores the idempotency key and buys at every request.
    :ivar latency: seconds every answer takes.
    :ivar slow_seconds: how much longer an answer takes that is slow by chance.
    :ivar seed: what comes by chance comes again with the same seed, counted from this command on.
    :ivar resets: share of requests whose connection breaks off, half of them carried out.
    :ivar errors: share that is answered by HTTP 500, half of them carried out.
    :ivar garbage: share that is carried out and answered by nonsense.
    :ivar slow: share that is carried out and answered late.
    :ivar operations: the operations that meet trouble by chance; none named are all.
    """

    before: float = 0.0
    after: float = 0.0
    forgets_keys: bool = False
    latency: float = 0.0
    slow_seconds: float = faults.SLOW_SECONDS
    seed: int = 0
    resets: float = 0.0
    errors: float = 0.0
    garbage: float = 0.0
    slow: float = 0.0
    operations: tuple[str, ...] = ()

    @property
    def profile(self) -> Profile:
        """What comes by chance."""
        return Profile(**{one.name: getattr(self, one.name) for one in fields(Profile)})


@dataclass
class Carrier:
    """Answers the sandbox's API from the sandbox's engine, and remembers."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    _purchases: dict[str, Purchase] = field(default_factory=dict)
    _drafts: set[str] = field(default_factory=set)
    _visits: dict[str, Visit] = field(default_factory=dict)
    _events: list[Json] = field(default_factory=list)
    _fortune: Fortune = field(default_factory=lambda: Fortune(Profile()))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rates(self, payload: Json) -> Json:
        """Prices; nothing is remembered."""
        return engine.rates(payload)

    def check_address(self, payload: Json) -> Json:
        """What an address may mean; nothing is remembered."""
        return places.check(payload)

    def points(self, address: Json) -> Json:
        """Drop-off points; nothing is remembered."""
        return places.points(address)

    def book(self, payload: Json, key: str) -> Json:
        """Buy, once a key.

        :raise Problem: the shipment is not taken.
        """
        time.sleep(self.behaviour.before)
        with self._lock:
            answer = self._bought(payload, key)
        time.sleep(self.behaviour.after)
        return answer

    def _bought(self, payload: Json, key: str) -> Json:
        draft = payload.get("draft") or ""
        if draft and draft not in self._drafts:
            raise Problem(404, "not_found", f"There is no draft {draft[:40]}.")
        known = self._of_draft(draft) if draft else self._purchases.get(key)
        # A draft is bought once, whatever else the carrier forgets.
        if known and (draft or not self.behaviour.forgets_keys):
            known.requests += 1
            return known.answer
        answer = engine.book(payload, f"{key} again" if known else key)
        purchase = Purchase(
            key, payload["reference"], answer, draft=draft, payload=payload
        )
        self._purchases[f"{key} {len(self._purchases)}" if known else key] = purchase
        return answer

    def _of_draft(self, draft: str) -> Purchase | None:
        bought = (one for one in self._purchases.values() if one.draft == draft)
        return next(bought, None)

    def draft(self, payload: Json, key: str) -> Json:
        """Keep a shipment that may be bought.

        :raise Problem: the shipment is not taken.
        """
        answer = engine.draft(payload, key)
        with self._lock:
            self._drafts.add(answer["id"])
        return answer

    def void(self, shipment_id: str) -> Json:
        """Cancel, as often as asked.

        :raise Problem: nothing was bought under this id, or it is too late.
        """
        with self._lock:
            bought = self._purchase(shipment_id)
            answer = engine.void(shipment_id)
            bought.voided = True
        return answer

    def _purchase(self, shipment_id: str) -> Purchase:
        for one in self._purchases.values():
            if one.answer["id"] == shipment_id:
                return one
        message = f"There is no shipment {shipment_id[:40]}."
        raise Problem(404, "not_found", message)

    def find(self, key: str = "", draft: str = "") -> Json:
        """All that was bought under a key, or of a draft."""
        with self._lock:
            bought = [
                one.answer
                for one in self._purchases.values()
                if (one.draft == draft if draft else one.key == key)
            ]
        return {"shipments": bought}

    def listed(self, since: str, after: str = "") -> Json:
        """A page of what was bought since, oldest first.

        :param after: the id that the page before ended with.
        """
        start = dt.datetime.fromisoformat(since)
        with self._lock:
            bought = [
                one.listed for one in self._purchases.values() if one.bought_at >= start
            ]
        ids = [one["id"] for one in bought]
        begin = ids.index(after) + 1 if after else 0
        page = bought[begin : begin + PAGE_SIZE]
        more = len(bought) > begin + PAGE_SIZE
        return {"purchases": page, "next": page[-1]["id"] if more else ""}

    def pickup(self, payload: Json, key: str) -> Json:
        """Send a driver, once a key.

        :raise Problem: nobody comes.
        """
        time.sleep(self.behaviour.before)
        with self._lock:
            known = self._visits.get(key)
            if known and not self.behaviour.forgets_keys:
                known.requests += 1
                return known.answer
            answer = handover.pickup(payload, f"{key} again" if known else key)
            name = f"{key} {len(self._visits)}" if known else key
            self._visits[name] = Visit(key, payload["reference"], answer)
        time.sleep(self.behaviour.after)
        return answer

    def cancel_pickup(self, pickup_id: str) -> Json:
        """Call a driver off, as often as asked.

        :raise Problem: no such pickup was ordered.
        """
        with self._lock:
            for visit in self._visits.values():
                if visit.answer["id"] == pickup_id:
                    visit.cancelled = True
                    return handover.cancel_pickup(pickup_id)
        raise Problem(404, "not_found", f"There is no pickup {pickup_id[:40]}.")

    def manifest(self, payload: Json) -> Json:
        """The list of these shipments; each is on one list at most.

        :raise Problem: one of them was not bought, is voided, or is on another list.
        """
        with self._lock:
            bought = [self._purchase(str(one)) for one in payload["shipments"]]
            known = {one.answer["id"]: one.numbers for one in bought}
            answer = handover.manifest(payload, known)
            for one in bought:
                if one.voided:
                    message = f"The shipment {one.answer['id']} is cancelled."
                    raise Problem(409, "voided", message)
                if one.manifest not in ("", answer["id"]):
                    message = f"The shipment {one.answer['id']} is on a list already."
                    raise Problem(409, "on_a_list", message)
            for one in bought:
                one.manifest = answer["id"]
        return answer

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

    def pickups(self) -> list[Json]:
        """The pickups that were ordered, in order."""
        with self._lock:
            return [one.summary for one in self._visits.values()]

    def behave(self, changes: Mapping[str, Any]) -> Json:
        """Change the behaviour; return what it is now."""
        self.behaviour = Behaviour(**{**asdict(self.behaviour), **changes})
        self._fortune = Fortune(self.behaviour.profile)
        return asdict(self.behaviour)

    def fate(self, operation: str) -> Fate:
        """What chance does to the next request."""
        return self._fortune.fate(operation)


def fault(operation: str, *texts: str) -> faults.Fault | None:
    """The trouble that a request asks for by one of the sandbox's words."""
    return faults.find(operation, *texts)
