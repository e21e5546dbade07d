"""The contract, kept by EasyPost over HTTP."""

import datetime as dt
import json
from decimal import Decimal

from odoo.addons.shipment_visibility.canonical.operations import PickupRequest
from odoo.addons.shipment_visibility.canonical.schema import Mass
from odoo.addons.shipment_visibility_carriers.adapters.base import adapter_class
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from . import samples
from .adapter_contract import AdapterContract
from .carrier_server import HANG
from .easypost_desk import EasyPostDesk, error

SERVICE = "USPS/GroundAdvantage"
KEY = samples.shipment().idempotency_key


def shipment(**changes):
    return samples.shipment(**{"service": SERVICE, **changes})


PICKUP = PickupRequest(
    reference="WH/PICKUP/1",
    place=samples.ROTTERDAM,
    date=dt.date(2026, 2, 2),
    ready=dt.time(14),
    close=dt.time(17),
    zone="Europe/Amsterdam",
    remote_ids=("shp_1",),
    service=SERVICE,
    parcel_count=1,
    weight=Mass(value=Decimal(3)),
)


class TestEasyPost(AdapterContract):
    operations = {
        "rate": lambda adapter: adapter.rate(shipment(service="", idempotency_key="")),
        "book": lambda adapter: adapter.book(shipment()),
        "return_label": lambda adapter: adapter.return_label(shipment()),
        "void": lambda adapter: adapter.void("shp_1"),
        "track": lambda adapter: adapter.track(["9400", "9401"]),
        "find_by_reference": lambda adapter: adapter.find_by_reference("key", "shp_1"),
        "list_purchases": lambda adapter: adapter.list_purchases(samples.LONG_AGO),
        "validate_address": lambda adapter: adapter.validate_address(
            samples.LYON.address
        ),
        "pickup": lambda adapter: adapter.pickup(PICKUP),
        "cancel_pickup": lambda adapter: adapter.cancel_pickup("pickup_1"),
        "manifest": lambda adapter: adapter.manifest(["shp_1"]),
        "read_balance": lambda adapter: adapter.read_balance(),
    }
    answers = {
        "rate": lambda quotes: (
            [(quote.service, quote.total.amount) for quote in quotes]
            == [
                ("USPS/GroundAdvantage", Decimal("12.14")),
                ("USPS/Priority", Decimal("14.84")),
                ("USPS/Express", Decimal("68.30")),
            ]
        ),
        "book": lambda answer: answer.remote_id == "shp_3,shp_4",
        "return_label": lambda answer: answer.remote_id == "shp_3,shp_4",
        "void": lambda answer: answer is None,
        "track": lambda events: (
            [event.tracking_number for event in events] == ["9400", "9401"]
        ),
        "find_by_reference": lambda answer: (
            json.loads(answer)["shipments"][0]["parcel"] == "PACK0001"
        ),
        "list_purchases": lambda page: (
            {one.remote_id for one in page.purchases} == {"shp_1", "shp_2"}
        ),
        "validate_address": lambda addresses: addresses == [samples.LYON.address],
        "pickup": lambda pickup: pickup.confirmation == "WTC65024918",
        "cancel_pickup": lambda answer: answer is None,
        "manifest": lambda manifest: manifest.document.content.startswith(b"%PDF"),
        "read_balance": lambda balance: (
            (balance.amount, balance.currency) == (Decimal("41.25"), "USD")
        ),
    }
    secret = "EZTKtiger42burning"
    words = "We do not ship this."
    service = SERVICE

    def adapter(self, trouble, journal):
        desk = EasyPostDesk(self.server.url)
        for index in (1, 2):
            self._ready(desk, index)
        self.server.answer = {
            "": desk,
            "refused": error("We do not ship this."),
            "garbage": self._but(desk, (200, {}, b"<html>Welcome</html>")),
            "timeout": self._but(desk, HANG),
            "auth": (401, {}, b""),
            "down": (503, {"Retry-After": "60"}, b""),
        }[trouble]
        timeout = 0.2 if trouble == "timeout" else 5.0
        easypost = adapter_class("easypost")
        credentials = easypost.credentials_model(
            api_key=self.secret, base_url=self.server.url
        )
        return easypost(credentials, Transport(timeout, journal.append))

    def test_what_is_prepared_is_named_and_with_one_step_nothing_is(self):
        """Override: the carrier gives out new ids, one a parcel."""
        prepared = self.adapter("", []).prepare(self.request())
        assert len(prepared.replace(",", " ").split()) == len(self.request().parcels)

    @staticmethod
    def _ready(desk, index):
        """A bought shipment and a pickup, to be voided, found, listed and cancelled."""
        (parcel,) = samples.shipment().parcels[:1]
        asked = {
            "is_return": False,
            "reference": f"old-{index}",
            "options": {"label_format": "ZPL", "print_custom_2": parcel.reference},
        }
        bought = desk._new_shipments({"shipment": asked})
        desk._buy(bought, {"rate": {"id": bought["rates"][0]["id"]}})
        desk._new_pickups({"pickup": {"min_datetime": "2026-02-02T14:00:00Z"}})

    @staticmethod
    def _but(desk, trouble):
        """What a purchase begins with goes well, the purchase and all else does not."""

        def answer(request):
            if (request.method, request.path) == ("POST", "/v2/shipments"):
                begins = request.json["shipment"]["reference"].startswith(KEY)
            elif (request.method, request.path) == ("POST", "/v2/pickups"):
                begins = True
            else:
                looks = ("/v2/shipments/shp_3", "/v2/shipments/shp_4")
                begins = request.method == "GET" and request.path in looks
            return desk(request) if begins else trouble

        return answer
