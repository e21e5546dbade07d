"""The story: parcels delivered, held and lost, labels that follow, and one forgery.

Each step says what it did and what Odoo now shows, and stops the story when it does not hold.
"""

from dev.client import Client

from .data import CUSTOMER_LOGIN, PACKER
from .freight import Freight
from .steps import SIGNER


class Story(Freight):
    """The chapters, in their order."""

    def tell(self) -> None:
        """Tell all of it.

        :raise StoryFailed: a step did not hold.
        """
        chapters = (
            self.prepare,
            # Early, for the label that follows is booked half a minute later.
            self.have_a_bad_day,
            self.send,
            self.deliver,
            self.hold_at_customs,
            self.lose,
            self.book_in_bulk,
            self.hand_over,
            self.end_the_bad_day,
            self.refuse_a_forgery,
            self.let_the_customer_look,
            self.check_the_carriers_invoice,
            self.close_the_month,
        )
        for chapter in chapters:
            print(f"\n{chapter.__doc__.splitlines()[0]}")
            chapter()

    def prepare(self) -> None:
        """1. A company with two warehouses connects two carriers"""
        self.demo.create()
        self.say(
            "Rotterdam and Antwerp hold four products; customers in four countries"
        )
        self.webhook_url = self.demo.connect_carrier(self.simulator.secret)
        self.demo.connect_harbour(self.simulator.url)
        self.check(
            "/shipment/webhook/" in self.webhook_url,
            f"Sandbox Carrier has three delivery methods and the webhook address "
            f"{self.webhook_url.rsplit('/', 1)[0]}/…",
        )
        rules = self.admin.search("shipment.rule", [("active", "in", [True, False])])
        self.admin.call("shipment.rule", "write", rules, {"active": True})
        releasing = self.admin.search(
            "shipment.rule", [("effect", "=", "release_invoice")]
        )
        self.admin.call("shipment.rule", "write", releasing, {"holds_invoice": True})
        names = [
            rule["name"] for rule in self.admin.read("shipment.rule", rules, "name")
        ]
        release = "Proof of delivery releases the invoice"
        self.check(
            release in names, f"{len(names)} rules are on, among them “{release}”"
        )
        self.packer = Client(self.url, self.database, PACKER)

    def send(self) -> None:
        """3. Two orders are packed, and every parcel gets its label"""
        self.lyon = self.ship("lyon", 0, {0: 2, 2: 1}, "Sandbox Standard", parcels=2)
        rule = self.demo.add_selection_rule()
        self.zurich = self.ship(
            "zurich", 1, {1: 3}, "Sandbox Express", parcels=1, rule=rule
        )
        self.meanwhile()

    def deliver(self) -> None:
        """4. The carrier reports out of order and twice; the record is right"""
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
        """5. The other parcel is held at customs and finds an owner"""
        parcel = self.zurich
        answers = self.travel(parcel, "customs_held")
        self.check(set(answers) == {200}, f"{len(answers)} webhooks, all answered 200")
        found = self.wait(
            "an exception has an owner",
            lambda: self.admin.find(
                "shipment.exception",
                [("shipment_id", "=", parcel.shipment), ("user_id", "!=", False)],
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
        hold = self.admin.find(
            "shipment.invoice.hold",
            [("order_id", "=", parcel.order)],
            *("display_name", "state", "reason"),
        )[0]
        self.check(
            (hold["state"], hold["reason"]) == ("held", "on_the_way"),
            f"{hold['display_name']} stands among the held invoices, with the reason",
        )

    def lose(self) -> None:
        """6. A third parcel is lost: replaced, written off and claimed, each as a draft"""
        parcel = self.ship("lyon", 0, {1: 1}, "Sandbox Standard", parcels=1)
        answers = self.travel(parcel, "lost")
        self.check(set(answers) == {200}, f"{len(answers)} webhooks, all answered 200")
        self.wait_for_headline(parcel.shipment, "lost")
        exception = self.wait(
            "the loss has an owner",
            lambda: self.admin.search(
                "shipment.exception",
                [("shipment_id", "=", parcel.shipment), ("user_id", "!=", False)],
            ),
        )[0]
        wizard = self.admin.create("shipment.exception.settle", exception_id=exception)
        self.admin.call("shipment.exception.settle", "action_settle", [wizard])
        followed = self.admin.read(
            "shipment.exception",
            exception,
            *("name", "replacement_ids", "scrap_ids", "claim_ids"),
        )[0]
        self.check(
            all(
                len(followed[name]) == 1
                for name in ("replacement_ids", "scrap_ids", "claim_ids")
            ),
            f"“{followed['name']}”: an order to replace it, a stock correction, a claim",
        )

    def refuse_a_forgery(self) -> None:
        """10. A forged webhook is refused and changes nothing"""
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
        """11. The customer follows the own parcel, and no other"""
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
