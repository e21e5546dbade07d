"""What several chapters of the story do and check, in the words of those who do it."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from dev.client import Client
from dev.simulator import Simulator

from .data import Demo

PATIENCE = 60  # seconds the queue has to do what a step waits for
SIGNER = "C. Exemple"


# An hour of the carrier's lasts a second of ours.
PACE = 1 / 3600
FIRST_SCAN = dt.timedelta(hours=2)  # after the label, by the carrier's clock


class StoryFailed(Exception):
    """A step did not hold."""


class Parcel(NamedTuple):
    """What one sale has become, by its ids."""

    order: int
    picking: int
    shipment: int
    made: dt.datetime  # when its label was made, aware


class Steps:
    """Takes steps on a running server with a running carrier simulator."""

    def __init__(
        self,
        url: str,
        database: str,
        simulator: Simulator,
        meanwhile: Callable[[], None] = lambda: None,
        pace: float = PACE,
    ):
        """
        :param meanwhile: what passes between the hand-over and the first scan
        :param pace: how long a second of the carrier's lasts
        """
        self.url = url
        self.meanwhile = meanwhile
        self.pace = pace
        self.database = database
        self.simulator = simulator
        self.admin = Client(url, database, "admin")
        self.demo = Demo(self.admin)
        self.packer: Client | None = None
        self.webhook_url = ""
        self.lyon: Parcel | None = None
        self.zurich: Parcel | None = None

    # Steps that several chapters take.

    def order(self, customer: str, warehouse: int, lines: dict[int, int]) -> int:
        """Create a quotation of ``{product: quantity}``."""
        order = self.admin.create(
            "sale.order",
            partner_id=self.demo.customers[customer],
            warehouse_id=warehouse,
            order_line=[
                (
                    0,
                    0,
                    {
                        "product_id": self.demo.products[product],
                        "product_uom_qty": quantity,
                    },
                )
                for product, quantity in lines.items()
            ],
        )
        values = self.admin.read("sale.order", order, "name", "amount_total")[0]
        self.say(f"quotation {values['name']} over {values['amount_total']:.2f}")
        return order

    def ship(
        self,
        customer: str,
        warehouse: int,
        lines: dict[int, int],
        method: str,
        parcels: int,
        rule: str = "",
    ) -> Parcel:
        """Take an order from quotation to labels."""
        order = self.order(customer, self.demo.warehouses[warehouse], lines)
        self.compare_rates(order, method, rule)
        self.admin.call("sale.order", "action_confirm", [order])
        picking = self.picking_of(order)
        if parcels > 1:
            self.pack_apart(picking)
        shipment = self.validate(picking, parcels)
        made = self.admin.read("shipment.shipment", shipment, "headline_at")[0]
        moment = dt.datetime.fromisoformat(made["headline_at"])
        return Parcel(order, picking, shipment, moment.replace(tzinfo=dt.UTC))

    def travel(self, parcel: Parcel, journey: str, **options: Any) -> list[int]:
        """Let the carrier report a journey that began when the label was made."""
        return self.simulator.journey(
            self.webhook_url,
            self.numbers_of(parcel.shipment),
            journey,
            start=(parcel.made + FIRST_SCAN * self.pace).isoformat(),
            pace=self.pace,
            **options,
        )

    def compare_rates(self, order: int, method: str, rule: str) -> None:
        """Compare the services of all carriers; choose one by hand, or have a rule do it."""
        wizard = self.admin.create("shipment.rate.compare", order_id=order)
        rates = self.admin.find(
            "shipment.rate.compare.line",
            [("wizard_id", "=", wizard), ("is_available", "=", True)],
            *("delivery_carrier_id", "name", "price"),
            *("currency_id", "quoted_price", "promised_date"),
        )
        for rate in rates:
            price = f"{rate['price']:.2f} {rate['currency_id'][1]}"
            quoted = f"({rate['quoted_price']})" if rate["quoted_price"] else ""
            promised = rate["promised_date"] or "no date promised"
            self.say(f"    {rate['name']:<36} {price:>10} {quoted:<12} {promised}")
        if rule:
            self.admin.call("shipment.rate.compare", "action_choose_best", [wizard])
        else:
            chosen = [
                rate["id"]
                for rate in rates
                if rate["delivery_carrier_id"] == [self.demo.methods[method], method]
            ]
            self.admin.call("shipment.rate.compare.line", "action_choose", chosen)
        taken = self.admin.read("sale.order", order, "carrier_id")[0]["carrier_id"]
        by = f"by the rule “{rule}”" if rule else "by hand"
        self.check(
            taken == [self.demo.methods[method], method],
            f"{method} is chosen {by} among {len(rates)}",
        )

    def picking_of(self, order: int) -> int:
        """The delivery of a confirmed order."""
        return self.admin.read("sale.order", order, "picking_ids")[0]["picking_ids"][0]

    def pack_apart(self, picking: int) -> None:
        """Put each line of a delivery into a package of its own, as the packer."""
        lines = self.packer.search("stock.move.line", [("picking_id", "=", picking)])
        for line in lines:
            package = self.packer.create("stock.package")
            self.packer.call(
                "stock.move.line", "write", [line], {"result_package_id": package}
            )
        self.say(f"the packer puts the goods into {len(lines)} packages")

    def validate(self, picking: int, parcels: int) -> int:
        """Validate a delivery as the packer; return its shipment."""
        wizard = self.packer.call("stock.picking", "button_validate", [picking])
        self.check(wizard is True, "the packer validates without being asked back")
        values = self.packer.read(
            "stock.picking",
            picking,
            *("name", "state", "carrier_tracking_ref", "shipment_ids"),
        )[0]
        self.check(values["state"] == "done", f"{values['name']} is validated")
        shipment = values["shipment_ids"][0]
        packages = self.packer.find(
            "shipment.package",
            [("shipment_id", "=", shipment)],
            "tracking_number",
            "label_id",
        )
        numbers = ", ".join(package["tracking_number"] for package in packages)
        self.check(
            len(packages) == parcels
            and all(package["label_id"] for package in packages),
            f"{parcels} parcel(s) with label and number: {numbers}",
        )
        return shipment

    def numbers_of(self, shipment: int) -> list[str]:
        """The tracking numbers of a shipment."""
        packages = self.admin.find(
            "shipment.package", [("shipment_id", "=", shipment)], "tracking_number"
        )
        return [package["tracking_number"] for package in packages]

    def wait_for_headline(self, shipment: int, headline: str) -> None:
        """Wait until the queue has brought a shipment to ``headline``."""
        self.wait(
            f"the shipment is {headline}",
            lambda: self.headline_of(shipment) == headline,
        )

    def headline_of(self, shipment: int) -> str:
        """Where a shipment stands."""
        return self.admin.read("shipment.shipment", shipment, "headline")[0]["headline"]

    def check_timeline(self, shipment: int) -> None:
        """The timeline is complete, in order, and nothing is told twice."""
        values = self.admin.read("shipment.shipment", shipment, "timeline", "signer")[0]
        entries = values["timeline"]["entries"]
        told = [(entry["code"], entry["occurred_at"]) for entry in entries]
        self.check(
            len(told) == len(set(told)), f"{len(told)} timeline entries, none twice"
        )
        for entry in entries:
            place = f" in {entry['place']}" if entry.get("place") else ""
            self.say(f"    {entry['occurred_at'][:16]}  {entry['label']}{place}")
        self.check(values["signer"] == SIGNER, f"signed by {values['signer']}")

    def check_invoice(self, order: int) -> None:
        """The rule has created and posted the invoice."""
        invoices = self.wait(
            "the invoice is posted",
            lambda: self.admin.find(
                "account.move",
                [
                    ("line_ids.sale_line_ids.order_id", "=", order),
                    ("state", "=", "posted"),
                ],
                "name",
                "amount_total",
            ),
        )
        self.check(
            len(invoices) == 1,
            f"one invoice, {invoices[0]['name']}, over {invoices[0]['amount_total']:.2f}",
        )

    def check_chatter(self, order: int, picking: int) -> None:
        """The milestones that matter stand in the chatter of the delivery and the order."""
        for model, record in (("stock.picking", picking), ("sale.order", order)):
            self.wait(
                f"the chatter of the {model.split('.')[1]} tells of the delivery",
                lambda model=model, record=record: self.admin.search(
                    "mail.message",
                    [
                        ("model", "=", model),
                        ("res_id", "=", record),
                        ("body", "ilike", "delivered"),
                    ],
                ),
            )

    def counts(self) -> list[int]:
        """How many rows a webhook could have added to."""
        models = (
            "shipment.webhook.receipt",
            "shipment.milestone",
            "shipment.effect",
            "shipment.exception",
        )
        return [self.admin.call(model, "search_count", []) for model in models]

    # Saying and checking.

    @staticmethod
    def say(text: str) -> None:
        """Print what happens."""
        print(f"    {text}", flush=True)

    @staticmethod
    def check(condition: Any, text: str) -> None:
        """Print what holds, or stop the story."""
        if not condition:
            raise StoryFailed(f"does not hold: {text}")
        print(f"  ✓ {text}", flush=True)

    def wait(self, text: str, look: Callable[[], Any]) -> Any:
        """Look until there is something to see, then return it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            seen = look()
            if seen:
                self.check(True, text)
                return seen
            time.sleep(0.3)
        raise StoryFailed(f"not seen within {PATIENCE} s: {text}")
