"""The story: one parcel from sales order to released invoice, one held at customs, one forgery.

Each step says what it did and what Odoo now shows, and stops the story when it does not hold.
"""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from dev.client import Client
from dev.simulator import Simulator

from .data import CUSTOMER_LOGIN, PACKER, Demo

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


class Story:
    """Tells the story on a running server with a running carrier simulator."""

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

    def tell(self) -> None:
        """Tell all of it.

        :raise StoryFailed: a step did not hold.
        """
        chapters = (
            self.prepare,
            self.send,
            self.deliver,
            self.hold_at_customs,
            self.refuse_a_forgery,
            self.let_the_customer_look,
        )
        for chapter in chapters:
            print(f"\n{chapter.__doc__.splitlines()[0]}")
            chapter()

    def prepare(self) -> None:
        """1. A company with two warehouses connects a carrier"""
        self.demo.create()
        self.say("Rotterdam and Antwerp hold four products; customers in FR and CH")
        self.webhook_url = self.demo.connect_carrier(self.simulator.secret)
        self.check(
            "/shipment/webhook/" in self.webhook_url,
            f"the account has three delivery methods and the webhook address "
            f"{self.webhook_url.rsplit('/', 1)[0]}/…",
        )
        rules = self.admin.search("shipment.rule", [("active", "in", [True, False])])
        self.admin.call("shipment.rule", "write", rules, {"active": True})
        names = [
            rule["name"] for rule in self.admin.read("shipment.rule", rules, "name")
        ]
        release = "Proof of delivery releases the invoice"
        self.check(
            release in names, f"{len(names)} rules are on, among them “{release}”"
        )
        self.packer = Client(self.url, self.database, PACKER)

    def send(self) -> None:
        """2. Two orders are packed, and every parcel gets its label"""
        self.lyon = self.ship("lyon", 0, {0: 2, 2: 1}, "Sandbox Standard", parcels=2)
        self.zurich = self.ship("zurich", 1, {1: 3}, "Sandbox Express", parcels=1)
        self.meanwhile()

    def deliver(self) -> None:
        """3. The carrier reports out of order and twice; the record is right"""
        parcel = self.lyon
        answers = self.travel(
            parcel, "delivered", signer=SIGNER, shuffled=True, duplicated=True
        )
        self.check(
            set(answers) == {200},
            f"{len(answers)} webhooks, shuffled and some of them twice: all answered 200",
        )
        self.wait_for_headline(parcel.shipment, "delivered")
        self.check_timeline(parcel.shipment)
        self.check_invoice(parcel.order)
        self.check_chatter(parcel.order, parcel.picking)

    def hold_at_customs(self) -> None:
        """4. The other parcel is held at customs and finds an owner"""
        parcel = self.zurich
        answers = self.travel(parcel, "customs_held")
        self.check(set(answers) == {200}, f"{len(answers)} webhooks, all answered 200")
        found = self.wait(
            "an exception is open",
            lambda: self.admin.find(
                "shipment.exception",
                [("shipment_id", "=", parcel.shipment), ("state", "=", "open")],
                *("name", "user_id", "deadline", "code"),
            ),
        )
        exception = found[0]
        self.check(
            exception["code"] == "customs_held" and exception["user_id"],
            f"“{exception['name']}” belongs to {exception['user_id'][1]}, "
            f"due {exception['deadline']}",
        )
        activities = self.wait(
            "an activity is scheduled",
            lambda: self.admin.find(
                "mail.activity",
                [
                    ("res_model", "=", "shipment.shipment"),
                    ("res_id", "=", parcel.shipment),
                ],
                "summary",
                "user_id",
            ),
        )
        self.say(f"{activities[0]['user_id'][1]}: {activities[0]['summary']}")
        order = self.admin.read("sale.order", parcel.order, "invoice_ids")[0]
        self.check(
            not order["invoice_ids"], "no invoice is released while the parcel is held"
        )

    def refuse_a_forgery(self) -> None:
        """5. A forged webhook is refused and changes nothing"""
        held = self.zurich.shipment
        headline = self.headline_of(held)
        before = self.counts()
        answers = self.travel(self.zurich, "delivered", forged=True)
        self.check(
            set(answers) == {401}, f"{len(answers)} forged webhooks, all answered 401"
        )
        self.check(
            self.counts() == before, "no receipt, no milestone, no effect was added"
        )
        self.check(self.headline_of(held) == headline, "the shipment is where it was")

    def let_the_customer_look(self) -> None:
        """6. The customer follows the own parcel, and no other"""
        customer = Client(self.url, self.database, CUSTOMER_LOGIN)
        mine, other = self.admin.read(
            "shipment.shipment", [self.lyon.shipment, self.zurich.shipment], "name"
        )
        page = customer.get(f"/my/shipments/{mine['id']}")
        self.check(
            page.status_code == 200 and "Delivered" in page.text,
            f"the customer reads {mine['name']}: delivered",
        )
        refused = customer.get(f"/my/shipments/{other['id']}")
        self.check(
            other["name"] not in refused.text, f"{other['name']} stays out of sight"
        )

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
    ) -> Parcel:
        """Take an order from quotation to labels."""
        order = self.order(customer, self.demo.warehouses[warehouse], lines)
        self.compare_rates(order, method)
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

    def compare_rates(self, order: int, method: str) -> None:
        """Compare the services of all methods and choose one."""
        wizard = self.admin.create("shipment.rate.compare", order_id=order)
        rates = self.admin.find(
            "shipment.rate.compare.line",
            [("wizard_id", "=", wizard), ("is_available", "=", True)],
            *("delivery_carrier_id", "price", "currency_id", "promised_date"),
        )
        for rate in rates:
            promised = rate["promised_date"] or "no date promised"
            self.say(
                f"    {rate['delivery_carrier_id'][1]:<20} {rate['price']:8.2f} "
                f"{rate['currency_id'][1]}  {promised}"
            )
        chosen = [r["id"] for r in rates if r["delivery_carrier_id"][1] == method]
        self.check(chosen, f"{method} is chosen among {len(rates)}")
        self.admin.call("shipment.rate.compare.line", "action_choose", chosen)

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
