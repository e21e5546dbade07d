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

    def speak_to(self, simulator: Simulator) -> None:
        """Let the account talk to a carrier over HTTP instead of the embedded one."""
        account = self.admin.search("shipment.carrier.account", [])
        credentials = {"api_key": "test", "base_url": simulator.url}
        self.admin.call(
            "shipment.carrier.account", "write", account, {"credentials": credentials}
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

    def validate(self, pickings: Sequence[int]) -> None:
        """Press Validate.

        :raise ServerError: the server refuses, in the words its user reads.
        """
        answer = self.admin.call("stock.picking", "button_validate", list(pickings))
        if answer is not True:
            raise AssertionError(f"Validate opened something: {answer}")

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
