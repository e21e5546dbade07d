"""The addon of the adapter guide, installed: its carrier is offered, and it books."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dev import shell
from dev.environment import databases, odoo, paths, postgres
from dev.environment.console import run

ADDONS = [paths.EXAMPLE.parent]
LABEL = {"number": "EX0001", "file": "XlhBXlha"}
PRICE = {"amount": "7.90", "currency": "EUR"}
BOOK = """
account = env["shipment.carrier.account"].create({
    "name": "Example", "adapter": "example",
    "credential_form": {"values": {"api_key": "tiger", "base_url": given["url"]}},
})
product = env["product.product"].create({"name": "Delivery", "type": "service"})
method = env["delivery.carrier"].create({
    "name": "Example Parcel", "delivery_type": "shipment_visibility",
    "shipment_account_id": account.id, "shipment_service": "parcel",
    "product_id": product.id, "integration_level": "rate_and_ship",
    "shipment_label_format": "ZPL",
})
env.company.partner_id.write({
    "street": "1 rue A", "city": "Lyon", "zip": "69002", "phone": "+33472000000",
    "country_id": env.ref("base.fr").id,
})
thing = env["product.product"].create(
    {"name": "Thing", "is_storable": True, "weight": 1}
)
kind = env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
source, target = kind.default_location_src_id, kind.default_location_dest_id
env["stock.quant"]._update_available_quantity(thing, source, 5)
picking = env["stock.picking"].create({
    "picking_type_id": kind.id, "location_id": source.id, "location_dest_id": target.id,
    "partner_id": env.company.partner_id.copy({"name": "Customer"}).id,
    "carrier_id": method.id,
    "move_ids": [(0, 0, {
        "product_id": thing.id, "product_uom_qty": 1,
        "location_id": source.id, "location_dest_id": target.id,
    })],
})
picking.action_confirm()
picking.action_assign()
# What is booked is written in transactions of its own, which read what is committed.
env.cr.commit()
picking.button_validate()
env.cr.commit()
shipment = picking.shipment_ids
account._job_poll()
shipment.poll_at = "2026-01-01"
env.cr.commit()
account._job_poll()
env.cr.commit()
env.invalidate_all()
answer({
    "offered": dict(env["shipment.carrier.account"]._selection_adapter()),
    "capabilities": account.capabilities,
    "state": picking.state,
    "number": picking.carrier_tracking_ref,
    "label": bool(shipment.package_ids.label_id),
    "headline": shipment.headline,
})
"""


class _Carrier(BaseHTTPRequestHandler):
    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length) or b"null") or {}
        self.server.asked.append((self.command, self.path.partition("?")[0]))
        if "parcels" in sent:
            self.server.parcel = sent["parcels"][0]["reference"]
        label = {**LABEL, "parcel": self.server.parcel}
        event = {"number": LABEL["number"], "id": "1", "status": "COLLECTED"}
        event["at"] = "2026-02-02T09:00Z"
        told = {"id": "S1", "service": "parcel", "price": PRICE}
        body = json.dumps({**told, "labels": [label], "events": [event]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer

    def log_message(self, *args):
        pass


@contextmanager
def carrier():
    """What the example speaks to, on the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Carrier)
    server.asked, server.parcel = [], ""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def install(database):
    """Install the addon as an administrator does who has put it in the addons path."""
    conf = odoo.write_conf(
        "example", http_port=odoo.free_port(), workers=0, addons=ADDONS
    )
    run(
        odoo.command(
            *("-d", database, "-i", paths.EXAMPLE.name, "--stop-after-init"),
            "--no-http",
            conf=conf,
        ),
        "install-example",
        env=postgres.environment(),
    )


def test_the_example_is_offered_and_books_a_delivery():
    with databases.copied(databases.template(), "system_example") as database:
        install(database)
        with carrier() as server:
            url = f"http://127.0.0.1:{server.server_port}"
            script = shell.Script(database, BOOK, addons=ADDONS, url=url)
            told = script.result()
    assert told["offered"]["example"] == "Example Carrier"
    for offered in ("Rates", "Labels", "Tracking", "Webhooks"):
        assert offered in told["capabilities"]
    assert (told["state"], told["number"]) == ("done", "EX0001")
    assert told["label"]
    assert told["headline"] == "picked_up"
    assert server.asked == [
        ("POST", "/shipments"),
        ("POST", "/shipments/S1/buy"),
        ("GET", "/tracking"),
    ]


def test_no_production_path_holds_the_example():
    assert not any(
        (folder / paths.EXAMPLE.name).exists() for folder in paths.addons_path()
    )
