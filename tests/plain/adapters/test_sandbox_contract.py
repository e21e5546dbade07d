"""The contract, kept by the sandbox both in this process and over HTTP."""

import json
from urllib.parse import unquote

from odoo.addons.shipment_visibility_carriers.adapters.base import adapter_class
from odoo.addons.shipment_visibility_carriers.adapters.sandbox import (
    engine,
    faults,
    handover,
    places,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.messages import (
    build_shipment,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.numbers import (
    pickup_id,
    shipment_id,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from .adapter_contract import AdapterContract
from .carrier_server import HANG
from .samples import LONG_AGO, LYON, pickup, shipment

KEY = shipment().idempotency_key
PICKUP = pickup_id(pickup().reference)
FAULTS = {
    "refused": "REFUSE",
    "garbage": "GARBAGE",
    "timeout": "TIMEOUT",
    "auth": "AUTH",
    "down": "DOWN",
}
EVENT = {
    "tracking_number": "SBX1",
    "event_id": "e1",
    "code": "PUP",
    "occurred_at": "2026-02-02T09:00:00+01:00",
}


class _SandboxContract(AdapterContract):
    operations = {
        "rate": lambda adapter: adapter.rate(shipment(service="")),
        "book": lambda adapter: adapter.book(shipment()),
        "return_label": lambda adapter: adapter.return_label(shipment()),
        "void": lambda adapter: adapter.void(shipment_id(KEY)),
        "track": lambda adapter: adapter.track(["SBX1", "SBX2"]),
        "validate_address": lambda adapter: adapter.validate_address(LYON.address),
        "drop_off_points": lambda adapter: adapter.drop_off_points(LYON.address),
        "pickup": lambda adapter: adapter.pickup(pickup()),
        "cancel_pickup": lambda adapter: adapter.cancel_pickup(PICKUP),
        "manifest": lambda adapter: adapter.manifest([shipment_id(KEY)]),
        "read_balance": lambda adapter: adapter.read_balance(),
    }
    answers = {
        "rate": lambda quotes: (
            {quote.service for quote in quotes}
            >= {"economy", "standard", "express", "express12"}
        ),
        "book": lambda answer: answer.remote_id == shipment_id(KEY),
        "return_label": lambda answer: answer.remote_id == shipment_id(KEY),
        "void": lambda answer: answer is None,
        "track": lambda events: events == [],
        "validate_address": lambda addresses: addresses == [LYON.address],
        "drop_off_points": lambda points: len(points) == 3,
        "pickup": lambda answer: answer.remote_id == PICKUP,
        "cancel_pickup": lambda answer: answer is None,
        "manifest": lambda manifest: manifest.document.content.startswith(b"%PDF"),
        "read_balance": lambda balance: str(balance.amount) == "250.00",
    }
    secret = "tiger-42-burning"
    words = "We do not deliver to this address."


class TestSandboxInThisProcess(_SandboxContract):
    lacks = frozenset({"find_by_reference", "list_purchases"})

    def adapter(self, trouble, journal):
        sandbox = adapter_class("sandbox")
        key = f"{self.secret} SANDBOX-{FAULTS[trouble]}" if trouble else self.secret
        credentials = sandbox.credentials_model(api_key=key)
        return sandbox(credentials, Transport(journal=journal.append))


class TestSandboxOverHttp(_SandboxContract):
    operations = {
        **_SandboxContract.operations,
        "find_by_reference": lambda adapter: adapter.find_by_reference(KEY),
        "list_purchases": lambda adapter: adapter.list_purchases(LONG_AGO),
    }
    answers = {
        **_SandboxContract.answers,
        "track": lambda events: [event.event_id for event in events] == ["e1"],
        "find_by_reference": lambda answer: (
            json.loads(answer)["id"] == shipment_id(KEY)
        ),
        "list_purchases": lambda page: [one.key for one in page.purchases] == [KEY],
    }

    def adapter(self, trouble, journal):
        self.server.answer = {
            "": self._carrier,
            "refused": (422, {}, json.dumps(engine.refusal().body()).encode()),
            "garbage": (200, {}, faults.GARBAGE),
            "timeout": HANG,
            "auth": (401, {}, b""),
            "down": (503, {"Retry-After": "60"}, b""),
        }[trouble]
        timeout = 0.05 if trouble == "timeout" else 5.0
        sandbox = adapter_class("sandbox")
        credentials = sandbox.credentials_model(
            api_key=self.secret, base_url=f"{self.server.url}/"
        )
        return sandbox(credentials, Transport(timeout, journal.append))

    def _carrier(self, request):
        """The least a carrier with a memory would say."""
        assert request.headers["Authorization"] == f"Bearer {self.secret}"
        kind = (request.method, request.path)
        booked = engine.book(build_shipment(shipment()), KEY)
        answer = {
            ("GET", "/v1/balance"): engine.balance,
            ("POST", "/v1/rates"): lambda: engine.rates(request.json),
            ("POST", "/v1/shipments"): lambda: engine.book(
                request.json, request.headers["Idempotency-Key"]
            ),
            ("POST", f"/v1/shipments/{shipment_id(KEY)}/void"): lambda: engine.void(
                unquote(request.path.split("/")[3])
            ),
            ("GET", "/v1/shipments"): lambda: {
                "shipments": [booked] if request.params == {"reference": KEY} else []
            },
            ("GET", "/v1/purchases"): lambda: {
                "purchases": [
                    {
                        "id": booked["id"],
                        "key": KEY,
                        "bought_at": "2026-01-30T09:00:00Z",
                    }
                ]
            },
            ("GET", "/v1/tracking"): lambda: {
                "events": [EVENT] if request.params == {"numbers": "SBX1,SBX2"} else []
            },
            ("POST", "/v1/addresses/check"): lambda: places.check(request.json),
            ("GET", "/v1/points"): lambda: places.points(request.params),
            ("POST", "/v1/pickups"): lambda: handover.pickup(
                request.json, request.headers["Idempotency-Key"]
            ),
            ("POST", f"/v1/pickups/{PICKUP}/cancel"): lambda: handover.cancel_pickup(
                unquote(request.path.split("/")[3])
            ),
            ("POST", "/v1/manifests"): lambda: handover.manifest(request.json),
        }[kind]()
        return 200, {}, json.dumps(answer).encode()

    def test_what_was_booked_is_found(self):
        adapter = self.adapter("", [])
        found = adapter.find_by_reference(KEY)
        assert adapter.parse_booking(found) == adapter.parse_booking(
            adapter.book(shipment())
        )

    def test_what_was_not_booked_is_not(self):
        assert self.adapter("", []).find_by_reference("another") is None

    def test_many_numbers_are_asked_for_in_portions(self):
        self.adapter("", []).track([f"SBX{index}" for index in range(120)])
        asked = [
            request.params["numbers"].split(",") for request in self.server.received
        ]
        assert [len(numbers) for numbers in asked] == [50, 50, 20]
