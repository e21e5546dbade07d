"""Somebody at a warehouse's desk: opens deliveries, changes them, validates them."""

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dev import shell
from dev.client import Client, ServerError

from .harness import Measure
from .labels import WORLD
from .web_client import Views

SECRET = "benchmark"
OPEN, SAVE, VALIDATE = "open a delivery", "save a delivery", "validate a delivery"
# What users read when a transaction lost against another one and was not repeated.
SERIALIZATION = ("serializ", "concurrent update", "deadlock")

# Deliveries that are ready, and deliveries that are on their way with label and number.
PREPARE = (
    WORLD
    + """
import json

endpoint = env["shipment.webhook.endpoint"].create(
    {"name": "Bench", "account_id": account.id, "new_secret": given["secret"]}
)
ready = deliveries(given["ready"], method)
followed = deliveries(given["followed"], method)
for picking in followed:
    picking.button_validate()
    env.cr.commit()
    env.invalidate_all()
serial = iter(range(10**9))
others = []
for start in range(0, given["others"], 500):
    env["shipment.shipment"].create([
        {
            "company_id": company.id,
            "carrier_id": account.carrier_id.id,
            "partner_id": customer.id,
            "package_ids": [Command.create({"tracking_number": number})],
        }
        for number in [
            f"SBX{account.id:04}{next(serial):012}"
            for _other in range(min(500, given["others"] - start))
        ]
    ])
    env.cr.commit()
    env.invalidate_all()
others = env["shipment.package"].search(
    [("tracking_number", "=like", f"SBX{account.id:04}%")]
).mapped("tracking_number")
answer({
    "account": account.id,
    "endpoint": endpoint.id,
    "path": "/shipment/webhook/" + endpoint.token,
    "ready": ready.ids,
    "followed": followed.ids,
    "numbers": followed.mapped("carrier_tracking_ref"),
    "others": others,
})
"""
)


@dataclass(frozen=True)
class Prepared:
    """What :data:`PREPARE` has made in a database."""

    account: int
    endpoint: int
    path: str
    ready: list[int]
    followed: list[int]
    numbers: list[str]
    others: list[str]


def prepare(
    database: str, carrier: str, *, ready: int, followed: int, others: int = 0
) -> Prepared:
    """Make a company with deliveries, a carrier's account and its webhook endpoint.

    :param carrier: the address of the carrier.
    :param others: shipments besides, of which only the carrier's news matter.
    """
    script = shell.Script(
        database,
        PREPARE,
        carrier=carrier,
        secret=SECRET,
        ready=ready,
        followed=followed,
        others=others,
    )
    return Prepared(**script.result(timeout=900))


@dataclass
class Timings:
    """How long each operation took, by its name; and how often the server refused it."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lost: int = 0

    def time(self, name: str, operation: Callable[[], Any]) -> Any:
        """Carry out an operation and note how long its user waited.

        A transaction that lost against another one and was not repeated is counted; what
        else goes wrong goes wrong.
        """
        begin = time.perf_counter()
        try:
            return operation()
        except ServerError as error:
            if not any(word in str(error).lower() for word in SERIALIZATION):
                raise
            self.lost += 1
            return None
        finally:
            self.seconds[name].append(time.perf_counter() - begin)

    def measure(self, name: str) -> Measure:
        """An operation's figure: milliseconds that 95 of 100 stay within."""
        seconds = self.seconds[name]
        return Measure(Measure(0, seconds).percentile(0.95), seconds)


class Desk:
    """One user with the delivery's form open, who works through what is ready."""

    def __init__(self, client: Client, prepared: Prepared):
        self._client = client
        self._views = Views.load(client, "stock.picking")
        self._ready = iter(prepared.ready)
        self._followed = itertools.cycle(prepared.followed)

    def open(self, timings: Timings) -> None:
        """Open a delivery whose shipment is on its way."""
        values = timings.time(OPEN, lambda: self._views.open(next(self._followed)))
        if values is not None and not values["shipment_timelines"]:
            raise AssertionError("the form shows no shipment")

    def save(self, timings: Timings) -> None:
        """Write a note on a delivery whose shipment is on its way."""
        note = f"<p>Call before {time.monotonic()}</p>"
        delivery = next(self._followed)
        timings.time(SAVE, lambda: self._views.save(delivery, note=note))

    def validate(self, timings: Timings) -> str:
        """Validate a delivery, which buys its label; return the parcel's number."""
        delivery = next(self._ready)
        timings.time(
            VALIDATE,
            lambda: self._client.call("stock.picking", "button_validate", [delivery]),
        )
        (read,) = self._client.read(
            "stock.picking", delivery, "state", "carrier_tracking_ref"
        )
        if read["state"] != "done" and not timings.lost:
            raise AssertionError("a delivery was not validated")
        return read["carrier_tracking_ref"] or ""


def worst(
    compared: dict[str, tuple[Measure, Measure]],
) -> tuple[str, Measure, Measure]:
    """The operation that suffers most, with its two measures."""
    name = max(
        compared, key=lambda one: compared[one][0].value / compared[one][1].value
    )
    return name, *compared[name]


def table(
    compared: dict[str, tuple[Measure, Measure]], sides: Sequence[str]
) -> Iterator[str]:
    """The p95 of each operation on both sides, for a reader."""
    width = max(map(len, compared)) + 2
    yield f"{'p95, ms':<{width}}{sides[0]:>12}{sides[1]:>12}{'ratio':>9}"
    for name, (ours, baseline) in compared.items():
        ratio = ours.value / baseline.value
        yield f"{name:<{width}}{ours.value:>12.1f}{baseline.value:>12.1f}{ratio:>9.2f}"


def figures(
    compared: dict[str, tuple[Measure, Measure]], sides: Sequence[str]
) -> dict[str, dict[str, float]]:
    """The same for the file."""
    return {
        name: {
            f"p95 {sides[0]}, ms": round(ours.value, 1),
            f"p95 {sides[1]}, ms": round(baseline.value, 1),
            f"median {sides[0]}, ms": round(ours.percentile(0.5), 1),
            f"median {sides[1]}, ms": round(baseline.percentile(0.5), 1),
            "ratio": round(ours.value / baseline.value, 3),
            "times": len(ours.seconds),
        }
        for name, (ours, baseline) in compared.items()
    }
