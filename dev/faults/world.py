"""A company with stock and a connected carrier, and what scenarios do in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dev.client import Client
from dev.demo.data import Demo
from dev.environment import console, databases, odoo
from dev.simulator import Simulator

SECRET = "a secret of the test world"
METHOD = "Sandbox Standard"


@contextmanager
def prepared(suffix: str, shipments: int) -> Iterator[str]:
    """A database with the world in it, to be copied; dropped afterwards.

    :param shipments: how many deliveries are on their way already, all with one parcel.
    """
    with databases.copied(databases.template(), suffix) as database:
        with console.step("database: a company with stock, a carrier and shipments"):
            with odoo.serving(database, name=suffix, channels="root:0") as server:
                demo = Demo(Client(server.url, database, "admin"))
                demo.create()
                demo.connect_carrier(SECRET)
                world = World(server)
                world.keep_quiet()
                for picking in world.deliveries(shipments):
                    world.validate([picking])
        yield database


class World:
    """The world on a running server, as its administrator sees it."""

    def __init__(self, server: odoo.Server):
        self.server = server
        self.admin = Client(server.url, server.database, "admin")

    def keep_quiet(self) -> None:
        """Send no text message to anybody."""
        company = self.admin.search("res.company", [], limit=1)
        self.admin.call(
            "res.company", "write", company, {"stock_text_confirmation": False}
        )

    @property
    def webhook_url(self) -> str:
        """Where the carrier posts."""
        endpoint = self.admin.find("shipment.webhook.endpoint", [], "token")[0]
        return f"{self.server.url}/shipment/webhook/{endpoint['token']}"

    def speak_to(
        self, simulator: Simulator, lookup: bool = True, timeout: int = 10
    ) -> None:
        """Let the account talk to a carrier over HTTP instead of the embedded one.

        :param lookup: whether the carrier can say what became of a lost booking.
        :param timeout: the account's time limit, in seconds.
        """
        account = self.admin.search("shipment.carrier.account", [])
        credentials = {
            "api_key": "test",
            "base_url": simulator.url,
            "lookup": lookup,
        }
        self.admin.call(
            "shipment.carrier.account",
            "write",
            account,
            {"credentials": credentials, "timeout": timeout},
        )

    def deliveries(self, count: int) -> list[int]:
        """Deliveries of one piece each, reserved, with a method of the carrier."""
        kind = self.admin.find(
            "stock.picking.type",
            [("code", "=", "outgoing")],
            *("default_location_src_id", "default_location_dest_id"),
            limit=1,
        )[0]
        source = kind["default_location_src_id"][0]
        target = kind["default_location_dest_id"][0]
        products = self.admin.search("product.product", [("is_storable", "=", True)])
        method = self.admin.search("delivery.carrier", [("name", "=", METHOD)])[0]
        partner = self.admin.search("res.partner", [("city", "=", "Lyon")])[0]
        pickings = self.admin.call(
            "stock.picking",
            "create",
            [
                {
                    "picking_type_id": kind["id"],
                    "partner_id": partner,
                    "location_id": source,
                    "location_dest_id": target,
                    "carrier_id": method,
                    "move_ids": [
                        (
                            0,
                            0,
                            {
                                "product_id": products[number % len(products)],
                                "product_uom_qty": 1,
                                "location_id": source,
                                "location_dest_id": target,
                            },
                        )
                    ],
                }
                for number in range(count)
            ],
        )
        self.admin.call("stock.picking", "action_confirm", pickings)
        self.admin.call("stock.picking", "action_assign", pickings)
        return pickings

    def stock_up(self, quantity: int) -> None:
        """Have so much more of each product in stock."""
        kind = self.admin.find(
            "stock.picking.type",
            [("code", "=", "outgoing")],
            "default_location_src_id",
            limit=1,
        )[0]
        products = self.admin.search("product.product", [("is_storable", "=", True)])
        quants = self.admin.call(
            "stock.quant",
            "create",
            [
                {
                    "product_id": product,
                    "location_id": kind["default_location_src_id"][0],
                    "inventory_quantity": quantity,
                }
                for product in products
            ],
            context={"inventory_mode": True},
        )
        self.admin.call("stock.quant", "action_apply_inventory", quants)

    def validate(self, pickings: Sequence[int]) -> None:
        """Press Validate.

        :raise ServerError: the server refuses, in the words its user reads.
        """
        answer = self.admin.call("stock.picking", "button_validate", list(pickings))
        if answer is not True:
            raise AssertionError(f"Validate opened something: {answer}")

    def validate_without_labels(self, pickings: Sequence[int]) -> None:
        """Validate deliveries whose labels are wanted later."""
        kind = self.admin.search("stock.picking.type", [("code", "=", "outgoing")])
        self.admin.call("stock.picking.type", "write", kind, {"print_label": False})
        self.validate(pickings)
        self.admin.call("stock.picking.type", "write", kind, {"print_label": True})

    def tidy_bookings(self) -> None:
        """Let the janitor of bookings run."""
        self._run_cron("shipment_visibility_carriers.ir_cron_shipment_booking_tidy")

    def sweep_webhooks(self) -> None:
        """Let the sweeper of stored messages run."""
        self._run_cron("shipment_visibility_webhooks.ir_cron_shipment_webhook_sweep")

    def _run_cron(self, name: str) -> None:
        self.admin.call(
            "ir.cron", "method_direct_trigger", [self.admin.reference(name)]
        )

    def label_states(self, pickings: Sequence[int]) -> dict[str, list[int]]:
        """Which deliveries are not settled yet, by what they need."""
        told = self.admin.read(
            "stock.picking",
            list(pickings),
            *("state", "carrier_tracking_ref", "shipment_booking_state"),
        )
        excepted = self._excepted(pickings)
        running = self.admin.search("shipment.booking.run", [("state", "=", "running")])
        open_ = [one for one in told if not one["carrier_tracking_ref"]]
        done = [one for one in open_ if one["state"] == "done"]
        queued = [one for one in done if one["shipment_booking_state"] == "queued"]
        idle = [
            one["id"]
            for one in done
            if one not in queued and one["id"] not in excepted and not running
        ]
        return {
            "to validate": [one["id"] for one in open_ if one["state"] != "done"],
            "queued": [one["id"] for one in queued],
            "without label": idle,
            "running": running,
        }

    def _excepted(self, pickings: Sequence[int]) -> dict[int, dict[str, Any]]:
        exceptions = self.admin.find(
            "shipment.exception",
            [("picking_id", "in", list(pickings)), ("state", "=", "open")],
            *("picking_id", "booking_state", "asks_for_label"),
        )
        return {one["picking_id"][0]: one for one in exceptions}

    def labelled(self, pickings: Sequence[int]) -> Iterator[dict[str, Any]]:
        """Name, live numbers and exception of each delivery."""
        excepted = self._excepted(pickings)
        for one in self.admin.read("stock.picking", list(pickings), "name"):
            exception = excepted.get(one["id"], {})
            yield {
                "name": one["name"],
                "numbers": self.numbers([one["id"]]),
                "has_exception": bool(exception),
                "has_buttons": exception.get("booking_state") == "unknown"
                or exception.get("asks_for_label", False),
            }

    def bookings(self) -> set[str]:
        """The keys of all bookings."""
        return {one["key"] for one in self.admin.find("shipment.booking", [], "key")}

    def picking(self, picking: int) -> dict[str, Any]:
        """The delivery's name, state and shipments."""
        return self.admin.read(
            "stock.picking", picking, "name", "state", "shipment_ids"
        )[0]

    def numbers(self, pickings: Sequence[int]) -> list[str]:
        """Tracking numbers of the live parcels of deliveries."""
        packages = self.admin.find(
            "shipment.package",
            [
                ("shipment_id.picking_ids", "in", list(pickings)),
                ("live", "=", True),
            ],
            "tracking_number",
            order="id",
        )
        return [package["tracking_number"] for package in packages]
