"""The least an EasyPost would be: it remembers shipments, sells, refunds and prints.

Everything is in the shape of the recorded answers, cut down to the fields that say something.
"""

import datetime as dt
import json
from urllib.parse import unquote

from odoo.addons.shipment_visibility_carriers.adapters.base import adapter_class
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

PRICES = {"Express": "34.15", "Priority": "7.42", "GroundAdvantage": "6.07"}
TYPES = {"PDF": "application/pdf", "ZPL": "application/zpl", "PNG": "image/png"}
FILES = {"PDF": b"%PDF-1.4 label", "ZPL": b"^XA^XZ", "PNG": b"\x89PNG"}
KEY = "EZTKtiger42burning"


def easypost(server, production=False, journal=None, **credentials):
    """An adapter that talks to the loopback server instead of EasyPost."""
    adapter = adapter_class("easypost")
    values = {"api_key": KEY, "base_url": server.url, **credentials}
    return adapter(
        adapter.credentials_model(**values),
        Transport(5.0, journal and journal.append),
        production,
    )


def error(words, code="SHIPMENT.INVALID", status=422, errors=()):
    body = {"error": {"code": code, "message": words, "errors": list(errors)}}
    return status, {}, json.dumps(body).encode()


def tracker(code, *details, **changes):
    return {
        "id": f"trk_{code}",
        "object": "Tracker",
        "mode": "test",
        "tracking_code": code,
        "status": "in_transit",
        "status_detail": "in_transit",
        "updated_at": "2026-02-02T12:00:00Z",
        "signed_by": None,
        "est_delivery_date": None,
        "carrier": "USPS",
        "tracking_details": list(details),
        "carrier_detail": None,
        **changes,
    }


class EasyPostDesk:
    """Answer of a ``CarrierServer``.

    :ivar answers: ``(method, path)`` -> an answer given instead, or a function of the request;
        a list gives one after the other, and then the usual answer.
    :ivar asked: ``(method, path)`` of all requests, in order.
    """

    def __init__(self, url):
        self.url = url
        self.shipments = {}
        self.batches = {}
        self.pickups = {}
        self.answers = {}
        self.asked = []
        self.bodies = []
        # What the carrier prints whatever it is asked for; empty for what is asked.
        self.prints_only = ""
        self.page_size = 100
        self.balance = "41.25000"

    def __call__(self, request):
        path = unquote(request.path)
        self.asked.append((request.method, path))
        self.bodies.append(json.loads(request.body) if request.body else None)
        given = self.answers.get((request.method, path))
        if isinstance(given, list):
            given = given.pop(0) if given else None
        if given is not None:
            return given(request) if callable(given) else given
        if path.startswith("/files/"):
            assert "Authorization" not in request.headers, "the key left EasyPost"
            return 200, {}, FILES[path.rpartition(".")[2].upper()]
        return self._api(request, path.removeprefix("/v2/").split("/"))

    def _api(self, request, steps):
        body = self.bodies[-1]
        kind, *rest = steps
        if (request.method, steps) == ("GET", ["shipments"]):
            return self._done(self._listed(request.params))
        if (request.method, steps) == ("GET", ["users"]):
            return self._done({"object": "User", "balance": self.balance})
        if (request.method, len(rest)) == ("POST", 0):
            return self._done(getattr(self, f"_new_{kind}")(body), 201)
        if kind == "shipments":
            shipment = self._shipment(rest[0])
            if shipment is None:
                return error("The requested resource could not be found.", status=404)
            if len(rest) == 1:
                return self._done(shipment)
            return getattr(self, f"_{rest[1]}")(shipment, body or request.params)
        if kind == "pickups":
            pickup = self.pickups[rest[0]]
            if rest[1:] == ["buy"]:
                pickup |= {"status": "scheduled", "confirmation": "WTC65024918"}
            elif rest[1:] == ["cancel"]:
                pickup["status"] = "canceled"
            return self._done(pickup)
        return self._done(self.batches[rest[0]])

    @staticmethod
    def _done(content, status=200):
        return status, {}, json.dumps(content).encode()

    def _shipment(self, name):
        return self.shipments.get(name) or next(
            (one for one in self.shipments.values() if one["reference"] == name), None
        )

    def _listed(self, params):
        """Newest first; ids count up, and so does the time they were created at."""
        assert params["purchased"] == "true"
        since = dt.datetime.fromisoformat(params["start_datetime"])
        found = [
            one
            for one in reversed(self.shipments.values())
            if one["tracking_code"]
            and dt.datetime.fromisoformat(one["created_at"]) >= since
        ]
        if before := params.get("before_id"):
            found = found[[one["id"] for one in found].index(before) + 1 :]
        size = min(self.page_size, int(params["page_size"]))
        return {"shipments": found[:size], "has_more": len(found) > size}

    def _new_shipments(self, body):
        asked = body["shipment"]
        name = f"shp_{len(self.shipments) + 1}"
        self.shipments[name] = {
            "id": name,
            "object": "Shipment",
            "mode": "test",
            "created_at": f"2026-01-30T09:{len(self.shipments):02}:00Z",
            "is_return": asked["is_return"],
            "to_address": asked.get("to_address"),
            "messages": [],
            "reference": asked["reference"],
            "options": {"payment": {"type": "SENDER"}, **asked["options"]},
            "tracking_code": None,
            "insurance": None,
            "refund_status": None,
            "postage_label": None,
            "selected_rate": None,
            "batch_id": None,
            "scan_form": None,
            "fees": [],
            "forms": [],
            "rates": [
                {
                    "id": f"rate_{name}_{service}",
                    "service": service,
                    "carrier": "USPS",
                    "rate": price,
                    "currency": "USD",
                    "delivery_date": None,
                    "delivery_days": 3,
                }
                for service, price in PRICES.items()
            ],
        }
        return self.shipments[name]

    def _buy(self, shipment, body):
        rate = next(r for r in shipment["rates"] if r["id"] == body["rate"]["id"])
        printed = self.prints_only or shipment["options"]["label_format"]
        number = 9400100208303109505600 + int(shipment["id"].removeprefix("shp_"))
        shipment |= {
            "selected_rate": rate,
            "tracking_code": str(number),
            "insurance": body.get("insurance"),
            "postage_label": {
                "label_url": self.file(shipment["id"], printed),
                "label_file_type": TYPES[printed],
                "label_pdf_url": None,
                "label_zpl_url": None,
            },
            "fees": [
                self.fee("LabelFee", "0.00000"),
                self.fee("PostageFee", f"{rate['rate']}000"),
            ],
        }
        if shipment["insurance"]:
            shipment["fees"].append(self.fee("InsuranceFee", "1.00000"))
        return self._done(shipment)

    def _insure(self, shipment, body):
        shipment["insurance"] = body["amount"]
        shipment["fees"].append(self.fee("InsuranceFee", "1.00000"))
        return self._done(shipment)

    def _refund(self, shipment, _body):
        shipment["refund_status"] = "submitted"
        return self._done(shipment)

    def _label(self, shipment, params):
        wanted = params["file_format"]
        shipment["postage_label"][f"label_{wanted.lower()}_url"] = self.file(
            shipment["id"], wanted
        )
        return self._done(shipment)

    def file(self, name, kind):
        return f"{self.url}/files/{name}.{kind.lower()}"

    @staticmethod
    def fee(kind, amount):
        return {"type": kind, "amount": amount, "charged": True, "refunded": False}

    def _new_batches(self, body):
        name = f"batch_{len(self.batches) + 1}"
        self.batches[name] = {
            "id": name,
            "state": "created",
            "shipments": [{"id": one["id"]} for one in body["batch"]["shipments"]],
        }
        # As recorded: a new batch is empty, and is filled in the background.
        return self.batches[name] | {"state": "creating", "shipments": []}

    def _new_pickups(self, body):
        name = f"pickup_{len(self.pickups) + 1}"
        self.pickups[name] = {
            "id": name,
            "status": "unknown",
            "confirmation": None,
            "messages": [],
            "min_datetime": body["pickup"]["min_datetime"],
            "pickup_rates": [
                {
                    "carrier": "USPS",
                    "service": "Dear",
                    "rate": "9.00",
                    "currency": "USD",
                },
                {
                    "carrier": "USPS",
                    "service": "NextDay",
                    "rate": "2.50",
                    "currency": "USD",
                },
            ],
        }
        return dict(self.pickups[name])

    def _new_scan_forms(self, body):
        return {
            "id": "sf_1",
            "status": "created",
            "message": None,
            "form_url": self.file("sf_1", "PDF"),
        }

    def _new_trackers(self, body):
        return tracker(body["tracker"]["tracking_code"])

    def _new_addresses(self, body):
        return body["address"] | {
            "id": "adr_1",
            "verifications": {"delivery": {"success": True, "errors": []}},
        }
