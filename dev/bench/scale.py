"""What a user notices of a million shipments in the database."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from dev import shell
from dev.client import TIMEOUT, Client
from dev.environment import console, databases, odoo
from dev.simulator import Simulator

from . import crowd
from .crowd import Crowd
from .desk import Desk, Prepared, Timings, figures, prepare, table, worst
from .harness import Conditions, Measure, Round, benchmark
from .web_client import LIST_LIMIT, Views

SMALL = 10_000
# Another size for trying it out: make bench NAME=scale SIZE=100000
BIG = int(os.environ.get("SIZE") or 1_000_000)
TURNS = 40
# Buying a label takes longest, and the carrier's part of it is the same.
VALIDATIONS = 40
WARM_UP = 3
DRAIN_ROUNDS = 4
DRAIN_BATCHES = 10
DRAIN_BATCH = 200
WORKERS = 2
SIDES = ("big", "small")
DRAIN = f"drain {DRAIN_BATCH} webhooks"
# The filters of deliveries that are ours; the others are Odoo's.
DELIVERY_FILTERS = (
    "shipment_trouble",
    "shipment_late",
    "shipment_silent",
    "shipment_label_missing",
)

# A page that is not in memory costs no more at random than in a row, which the planner has to
# be told; and what the crowd was booked with is no test.
TUNED = """
ALTER DATABASE "{database}" SET random_page_cost = 1.1;
UPDATE shipment_carrier_account SET environment = 'production'
 WHERE id IN (SELECT account_id FROM shipment_shipment
               WHERE id = (SELECT min(shipment_id) FROM bench_crowd));
"""

# A customer who may look at the own shipments, and half of the messages about shipments of
# the crowd, half about such as were just sent.
PORTAL = """
from odoo.fields import Command

partner = env["res.partner"].browse(given["partner"])
login = f"bench-{partner.id}"
users = env["res.users"].with_context(no_reset_password=True)
if not users.search([("login", "=", login)]):
    partner.email = f"{login}@customer.example"
    users.create({
        "login": login,
        "password": login,
        "partner_id": partner.id,
        "group_ids": [Command.set([env.ref("base.group_portal").id])],
    })
    env.cr.commit()
answer(login)
"""

DRAINED = """
import base64
import datetime as dt
import hashlib
import json
import time

now = dt.datetime.now(dt.UTC)

def store(numbers):
    rows = []
    for number in numbers:
        body = json.dumps({
            "id": f"{number}/{now.timestamp()}",
            "type": "tracking.updated",
            "events": [{
                "tracking_number": number,
                "event_id": f"{number}/{now.timestamp()}",
                "code": "DEP",
                "description": "As carriers write it, with some words about the parcel",
                "occurred_at": now.isoformat(),
                "location": {"city": "Lyon", "country": "FR"},
            }],
        }).encode()
        rows.append((
            given["endpoint"], hashlib.sha256(body).hexdigest(), base64.b64encode(body),
            "{}", "received", 0, now.replace(tzinfo=None),
        ))
    env.cr.execute_values(
        "INSERT INTO shipment_webhook_receipt (endpoint_id, digest, body, headers, state,"
        " attempts, due_at) VALUES %s", rows,
    )
    env.cr.commit()

drain = env["shipment.webhook.drain"]
seconds = []
for numbers in given["batches"]:
    store(numbers)
    begin = time.perf_counter()
    assert drain._drain_batch(len(numbers)) == len(numbers)
    seconds.append(time.perf_counter() - begin)
env.cr.execute("SELECT count(*) FROM shipment_webhook_receipt WHERE state != 'done'")
assert not env.cr.fetchone()[0], "not all messages were recorded"
answer(seconds)
"""


@benchmark(
    "scale",
    unit="ms, p95 of the operation that suffers most (less is better)",
    ours=f"with {BIG} shipments",
    baseline=f"with {SMALL}",
)
def scale(conditions: Conditions) -> Iterator[Round]:
    """Working with a million shipments in the database, against ten thousand."""
    with Simulator() as carrier, ExitStack() as stack:
        sides = {
            side: stack.enter_context(
                _serving(side, crowd.ready(size, carrier.url), carrier)
            )
            for side, size in zip(SIDES, (BIG, SMALL), strict=True)
        }
        compared = _compare(sides)
        conditions |= _describe(sides)
    name, ours, baseline = worst(compared)
    print("\n" + "\n".join(table(compared, SIDES)))
    conditions |= {
        "operations": figures(compared, SIDES),
        "suffers most": name,
        "carrier": "a simulator over HTTP that answers at once",
        "crowd": f"copies of one shipment that was really sent, over {crowd.DAYS} days, "
        f"{crowd.UNDER_WAY:.1%} under way, with parcel, delivery, booking, charges, the "
        "ledger and a stored message each; their goods' moves are not there, for those "
        "are Odoo's own matter",
        "lists": "a page, as long on both sides, and the number of all up to 10,000",
        "server": f"one each, {WORKERS} workers, idle otherwise; measured in turn",
        "postgresql, for solid state disks": "random_page_cost = 1.1",
    }
    yield Round(ours=ours, baseline=baseline)


def _describe(sides: dict[str, "_Side"]) -> Conditions:
    return {
        side: {
            "shipments": one.count("shipment_shipment"),
            "milestones": one.count("shipment_milestone"),
            "size": databases.execute(
                one.crowd.database,
                "SELECT pg_size_pretty(pg_database_size(current_database()));",
            ),
        }
        for side, one in sides.items()
    }


def _compare(sides: dict[str, "_Side"]) -> dict[str, tuple[Measure, Measure]]:
    timings = {side: Timings() for side in SIDES}
    for name in sides["big"].lists:
        # What finds ten of few finds a thousand of many: as many are shown on both sides.
        size = min(
            len(one.lists[name](LIST_LIMIT)["records"]) for one in sides.values()
        )
        for one in sides.values():
            one.page_sizes[name] = size or LIST_LIMIT
    for name in sides["big"].operations:
        turns = VALIDATIONS if name == "validate" else TURNS
        for turn in range(-WARM_UP, turns):
            # Which one goes first alternates.
            for side in SIDES if turn % 2 else SIDES[::-1]:
                sides[side].operations[name](timings[side] if turn >= 0 else Timings())
    for turn in range(DRAIN_ROUNDS):
        for side in SIDES if turn % 2 else SIDES[::-1]:
            timings[side].seconds[DRAIN] += sides[side].drain()
    return {
        name: tuple(timings[side].measure(name) for side in SIDES)
        for name in timings["big"].seconds
    }


@contextmanager
def _serving(side: str, crowd: Crowd, carrier: Simulator) -> Iterator["_Side"]:
    """A server on a crowd, with deliveries to validate."""
    databases.execute(crowd.database, TUNED.format(database=crowd.database))
    with console.step(f"deliveries among {crowd.size:,} shipments"):
        prepared = prepare(
            crowd.database,
            carrier.url,
            ready=WARM_UP + VALIDATIONS,
            followed=1,
            others=_messages() // 2,
        )
    # What follows from events runs at another time.
    with odoo.serving(
        crowd.database, name=f"bench-{side}", workers=WORKERS, channels="root:0"
    ) as server:
        yield _Side(crowd, server, prepared)


def _messages() -> int:
    """How many messages are drained on each side."""
    return DRAIN_ROUNDS * (DRAIN_BATCHES + 1) * DRAIN_BATCH


@dataclass(frozen=True)
class _Page:
    """A page of the website, as one visitor sees it."""

    session: requests.Session
    url: str

    def open(self) -> None:
        answer = self.session.get(self.url, timeout=TIMEOUT)
        if answer.status_code != 200 or "CROWD/" not in answer.text:
            raise AssertionError(f"{self.url} shows no shipment ({answer.status_code})")


class _Side:
    """All operations on one crowd, by name; each takes the timings it is noted in."""

    def __init__(self, crowd: Crowd, server: odoo.Server, prepared: Prepared):
        self.crowd = crowd
        self._prepared = prepared
        self._client = Client(server.url, server.database, "admin")
        self._numbers = iter(
            crowd.column(
                "number",
                "number IS NOT NULL AND active",
                _messages() // 2,
            )
        )
        self._others = iter(prepared.others)
        self.lists: dict[str, Callable[[int], dict]] = {}
        self.page_sizes: dict[str, int] = {}
        deliveries = self._ids("picking_id", "active")
        desk = Desk(
            self._client, Prepared(**{**vars(prepared), "followed": deliveries})
        )
        self.operations: dict[str, Callable[[Timings], Any]] = {
            "open": desk.open,
            "save": desk.save,
            "validate": desk.validate,
            **self._forms(),
            **self._lists("shipment.shipment", "shipments", None),
            **self._lists("stock.picking", "deliveries", DELIVERY_FILTERS),
            **self._pages(server),
        }

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(
            databases.execute(self.crowd.database, f"SELECT count(*) FROM {table};")
        )

    def _ids(self, column: str, condition: str) -> list[int]:
        return list(map(int, self.crowd.column(column, condition, TURNS + WARM_UP)))

    def _forms(self) -> dict[str, Callable[[Timings], Any]]:
        views = Views.load(self._client, "shipment.shipment")
        shipments = itertools.cycle(self._ids("shipment_id", "active"))
        return {
            "form": lambda timings: timings.time(
                "open a shipment", lambda: views.open(next(shipments))
            )
        }

    def _lists(
        self, model: str, what: str, wanted: tuple[str, ...] | None
    ) -> dict[str, Callable[[Timings], Any]]:
        views = Views.load(self._client, model)
        if missing := set(wanted or ()) - views.filters.keys():
            raise AssertionError(f"{model} has no filter {missing}")
        shown = {name: views.filters[name] for name in wanted or views.filters}
        if wanted is None:
            shown = {"all": [], **shown}
        lists = {
            f"{what}: {name}": lambda limit, domain=domain: views.show(domain, limit)
            for name, domain in shown.items()
        }
        self.lists |= lists
        return {
            name: lambda timings, name=name, show=show: timings.time(
                name, lambda: show(self.page_sizes[name])
            )
            for name, show in lists.items()
        }

    def _pages(self, server: odoo.Server) -> dict[str, Callable[[Timings], Any]]:
        partner = int(self.crowd.column("partner_id", "NOT is_open AND active", 1)[0])
        login = shell.run(self.crowd.database, PORTAL, partner=partner)
        customer = Client(server.url, server.database, login)
        mine = f"active AND partner_id = {partner}"
        shipment = self._ids("shipment_id", mine)[0]
        # The link of what was delivered long ago opens no more.
        sent, token = self.crowd.column(
            "shipment_id || '|' || md5('token' || n)", "is_open AND active", 1
        )[0].split("|")
        address = f"{server.url}/my/shipments"
        pages = {
            "portal: list": _Page(customer.session, address),
            "portal: delivered": _Page(
                customer.session, f"{address}?filterby=delivered&sortby=news"
            ),
            "portal: search": _Page(customer.session, f"{address}?search=CROWD"),
            "portal: shipment": _Page(customer.session, f"{address}/{shipment}"),
            "portal: link without login": _Page(
                requests.Session(), f"{address}/{sent}?access_token={token}"
            ),
        }
        return {
            name: lambda timings, name=name, page=page: timings.time(name, page.open)
            for name, page in pages.items()
        }

    def drain(self) -> list[float]:
        """Work through batches of messages; the seconds of each."""
        batches = [
            [
                *itertools.islice(self._numbers, DRAIN_BATCH // 2),
                *itertools.islice(self._others, DRAIN_BATCH // 2),
            ]
            for _batch in range(DRAIN_BATCHES + 1)
        ]
        script = shell.Script(
            self.crowd.database,
            DRAINED,
            endpoint=self._prepared.endpoint,
            batches=batches,
        )
        # The first one loads what a process loads once.
        return script.result(timeout=600)[1:]
