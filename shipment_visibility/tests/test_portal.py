import datetime as dt
from zoneinfo import ZoneInfo

from lxml import html

from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..canonical.milestone import MILESTONES, Code
from ..models.shipment_share import CUSTOMER_FIELDS
from .common import NOON, ShipmentCase


@tagged("post_install", "-at_install")
class TestPortal(HttpCase, ShipmentCase):
    def setUp(self):
        super().setUp()
        self.shipment = self.make_shipment("PORTAL-1")
        self.ingest(
            self.event("PORTAL-1", Code.PICKED_UP),
            self.event("PORTAL-1", Code.DAMAGED, 30, raw_text="Crushed by a forklift"),
        )
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.other = self.make_shipment("PORTAL-2", partner_id=stranger.id)
        new_test_user(
            self.env,
            "portal_customer",
            groups="base.group_portal",
            partner_id=self.customer.id,
            tz="UTC",
        )

    def words(self, answer, path="//main"):
        """Return what a page says, as a reader sees it."""
        nodes = html.fromstring(answer.text).xpath(path)
        return " ".join(" ".join(node.text_content() for node in nodes).split())

    def steps(self, answer):
        """Return the labels of the bar and which of them are reached, by a page."""
        items = html.fromstring(answer.text).cssselect(".o_shipment_step")
        return [
            (item.text_content().strip(), item.get("class").rpartition("_")[2])
            for item in items
        ]

    def page(self, shipment, query=""):
        return self.url_open(f"/my/shipments/{shipment.id}{query}")

    def test_the_customer_reads_what_is_meant_for_customers(self):
        self.authenticate("portal_customer", "portal_customer")
        text = self.page(self.shipment).text
        self.assertIn("Picked up", text)
        self.assertIn("PORTAL-1", text)
        self.assertNotIn("forklift", text)
        self.assertNotIn("Damaged", text)

    def test_the_list_holds_the_own_alone(self):
        self.authenticate("portal_customer", "portal_customer")
        text = self.url_open("/my/shipments").text
        self.assertIn(self.shipment.name, text)
        self.assertNotIn(self.other.name, text)
        for sortby in ("status", "name", "news", "nonsense"):
            answer = self.url_open(f"/my/shipments?sortby={sortby}")
            self.assertEqual(answer.status_code, 200)

    def test_a_guessed_id_leads_nowhere(self):
        self.authenticate("portal_customer", "portal_customer")
        for shipment in (self.other, self.shipment.browse(self.other.id + 1000)):
            answer = self.page(shipment)
            self.assertNotIn("PORTAL-2", answer.text)
            self.assertNotIn("o_shipment_portal", answer.text)

    def test_whoever_holds_the_link_reads_it_without_an_account(self):
        self.authenticate(None, None)
        good = self.page(self.other, f"?access_token={self.other.access_token}")
        self.assertIn("o_shipment_portal", good.text)
        for token in ("", "x", self.shipment.access_token):
            answer = self.page(self.other, f"?access_token={token}")
            self.assertNotIn("o_shipment_portal", answer.text)

    def test_what_is_not_for_customers_is_no_headline_either(self):
        self.authenticate("portal_customer", "portal_customer")
        for row in MILESTONES.values():
            if row.kind == "overlay":
                continue  # no headline
            self.shipment.headline = row.code.value
            with self.subTest(row.code):
                for answer in (
                    self.page(self.shipment),
                    self.url_open("/my/shipments"),
                ):
                    shown = f">{row.label}</span>" in answer.text
                    self.assertEqual(shown, row.audience == "customer")

    def test_an_estimate_is_shown_as_the_window_it_is_until_it_is_over(self):
        self.authenticate("portal_customer", "portal_customer")
        self.shipment.write(
            {"estimated_from": "2031-05-06 08:00", "estimated_to": "2031-05-06 10:00"}
        )
        text = self.words(self.page(self.shipment))
        self.assertIn("Expected Tue, May 6, 2031, 8:00 AM – 10:00 AM", text)
        self.shipment.headline = "returned"
        self.assertNotIn("2031", self.words(self.page(self.shipment)))

    def test_the_home_page_counts_the_own(self):
        self.authenticate("portal_customer", "portal_customer")
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["shipment_count"]}
        )
        self.assertEqual(counters["shipment_count"], 1)

    def test_the_order_leads_to_its_shipment(self):
        order = self.make_order()
        shipment = self.validate(order.picking_ids)
        answer = self.url_open(order.get_portal_url())
        self.assertIn(shipment.name, answer.text)
        self.assertIn(shipment.get_portal_url().replace("&", "&amp;"), answer.text)

    @mute_logger("odoo.http")
    def test_a_label_is_not_the_customers(self):
        label = self.env["ir.attachment"].create(
            {
                "name": "LabelShipping.pdf",
                "raw": b"%PDF label",
                "res_model": "shipment.shipment",
                "res_id": self.shipment.id,
            }
        )
        self.authenticate("portal_customer", "portal_customer")
        answer = self.url_open(f"/web/content/{label.id}")
        self.assertIn(answer.status_code, (403, 404))

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_nothing_behind_it_is_found_out_by_searching(self):
        self.authenticate("portal_customer", "portal_customer")
        for path in ("milestone_ids.raw_text", "package_ids.contents"):
            with self.subTest(path), self.assertRaises(JsonRpcException):
                self.make_jsonrpc_request(
                    "/web/dataset/call_kw/shipment.shipment/search_count",
                    {
                        "model": "shipment.shipment",
                        "method": "search_count",
                        "args": [[(path, "ilike", "forklift")]],
                        "kwargs": {},
                    },
                )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_nothing_behind_it_is_read_by_rpc(self):
        self.authenticate("portal_customer", "portal_customer")

        def call(model, method, *args):
            return self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{model}/{method}",
                {"model": model, "method": method, "args": args, "kwargs": {}},
            )

        mine = call("shipment.shipment", "search_read", [], ["name"])
        self.assertEqual([row["id"] for row in mine], self.shipment.ids)
        for model in (
            "shipment.milestone",
            "shipment.package",
            "shipment.exception",
            "shipment.charge",
            "shipment.effect",
        ):
            with self.subTest(model), self.assertRaises(JsonRpcException):
                call(model, "search_read", [], ["id"])
        with self.assertRaises(JsonRpcException):
            call("shipment.shipment", "read", self.shipment.ids, ["timeline"])
        with self.assertRaises(JsonRpcException):
            call("shipment.shipment", "read", self.other.ids, ["name"])

    def test_the_story_is_told_in_plain_words_the_latest_first(self):
        self.ingest(self.event("PORTAL-1", Code.AT_DESTINATION, 60))
        self.authenticate("portal_customer", "portal_customer")
        story = self.words(
            self.page(self.shipment), "//ol[contains(@class, 'o_shipment_timeline')]"
        )
        latest = story.index("Arrived at the depot that delivers it")
        self.assertLess(latest, story.index("Picked up by the carrier"))
        self.assertIn("Lyon", story)

    def test_the_bar_shows_how_far_it_has_come(self):
        self.authenticate("portal_customer", "portal_customer")
        labels = ["Label created", "On the way", "Out for delivery", "Delivered"]
        told = {
            "info_received": ["now", "ahead", "ahead", "ahead"],
            "in_transit": ["done", "now", "ahead", "ahead"],
            "attempt_failed": ["done", "done", "now", "ahead"],
            "delivered": ["done", "done", "done", "done"],
            # The last thing that a customer was told is that it was picked up.
            "lost": ["done", "now", "ahead", "ahead"],
        }
        for headline, states in told.items():
            self.shipment.headline = headline
            with self.subTest(headline):
                steps = self.steps(self.page(self.shipment))
                self.assertEqual(steps, list(zip(labels, states, strict=True)))
        for headline, said in (
            ("returning", "on its way back to us"),
            ("cancelled", "was cancelled"),
        ):
            self.shipment.headline = headline
            with self.subTest(headline):
                answer = self.page(self.shipment)
                self.assertFalse(self.steps(answer))
                self.assertIn(said, self.words(answer))

    def test_what_is_overdue_is_said_to_be_late(self):
        self.authenticate("portal_customer", "portal_customer")
        self.shipment.estimated_to = NOON.replace(tzinfo=None)
        self.assertIn("Later than expected", self.words(self.page(self.shipment)))
        self.shipment.estimated_to += dt.timedelta(days=30)
        self.assertNotIn("Later than expected", self.words(self.page(self.shipment)))

    def test_times_are_told_in_the_visitors_zone(self):
        picked = NOON.astimezone(ZoneInfo("Asia/Tokyo"))
        self.env["res.users"].search(
            [("login", "=", "portal_customer")]
        ).tz = "Asia/Tokyo"
        self.authenticate("portal_customer", "portal_customer")
        text = self.words(self.page(self.shipment))
        self.assertIn("Asia/Tokyo", text)
        self.assertIn(f"{picked:%a}, {picked:%b} {picked.day}", text)
        self.assertIn(f"{picked.hour % 12 or 12}:{picked:%M} {picked:%p}", text)
        # Of a guest only the browser knows.
        self.authenticate(None, None)
        query = f"?access_token={self.shipment.access_token}"
        self.assertIn("data-zone-unknown", self.page(self.shipment, query).text)
        self.opener.cookies["tz"] = "America/New_York"
        answer = self.page(self.shipment, query)
        self.assertNotIn("data-zone-unknown", answer.text)
        self.assertIn("America/New_York", answer.text)

    def test_the_list_is_narrowed_to_what_is_on_the_way_or_delivered(self):
        delivered = self.make_shipment("DONE-1")
        self.ingest(self.event("DONE-1", Code.DELIVERED))
        lost = self.make_shipment("LOST-1")
        lost.headline = "lost"
        self.authenticate("portal_customer", "portal_customer")
        for filterby, shown in (
            ("all", self.shipment + delivered + lost),
            # A loss is told by a person: until then nothing gives it away.
            ("on_the_way", self.shipment + lost),
            ("delivered", delivered),
            ("nonsense", self.shipment + delivered + lost),
        ):
            text = self.url_open(f"/my/shipments?filterby={filterby}").text
            for shipment in self.shipment + delivered + lost:
                with self.subTest(filterby, shipment=shipment.name):
                    self.assertEqual(shipment.name in text, shipment in shown)

    def test_a_shipment_is_found_by_any_number_it_goes_by(self):
        order = self.make_order(client_order_ref="PO-777")
        ordered = self.validate(order.picking_ids)
        ordered.partner_id = self.customer
        self.authenticate("portal_customer", "portal_customer")
        for search, shipment in (
            ("portal 1", self.shipment),
            (self.shipment.name, self.shipment),
            (order.name, ordered),
            ("po-777", ordered),
        ):
            with self.subTest(search):
                text = self.url_open(f"/my/shipments?search={search}").text
                self.assertIn(shipment.access_url, text)
                others = (self.shipment + ordered + self.other) - shipment
                for other in others:
                    self.assertNotIn(f'"{other.access_url}"', text)
        for search in ("PORTAL-2", "no such number"):
            with self.subTest(search):
                text = self.url_open(f"/my/shipments?search={search}").text
                self.assertIn("No shipment fits", text)

    def test_the_customer_is_led_to_the_order_a_guest_is_not(self):
        order = self.make_order()
        shipment = self.validate(order.picking_ids)
        link = f'href="{order.access_url}"'
        slip = f"/my/picking/pdf/{order.picking_ids.id}"
        guest = self.page(shipment, f"?access_token={shipment.access_token}").text
        self.assertNotIn(link, guest)
        self.assertNotIn(slip, guest)
        self.assertNotIn(order.access_token or "no token", guest)
        self.authenticate("portal_customer", "portal_customer")
        own = self.page(shipment).text
        self.assertIn(link, own)
        self.assertIn(slip, own)

    def test_who_sold_it_is_whom_to_ask_else_the_company(self):
        self.company.partner_id.email = "hello@example.com"
        seller = new_test_user(
            self.env,
            "seller1",
            groups="sales_team.group_sale_salesman",
            name="Ada Seller",
            email="ada@example.com",
        )
        order = self.make_order(user_id=seller.id)
        sold = self.validate(order.picking_ids)
        self.authenticate("portal_customer", "portal_customer")
        self.assertIn("ada@example.com", self.page(sold).text)
        self.assertIn("hello@example.com", self.page(self.shipment).text)

    def test_a_number_that_was_replaced_is_shown_no_more(self):
        self.shipment.package_ids._supersede("PORTAL-NEW")
        self.authenticate("portal_customer", "portal_customer")
        facts = self.words(
            self.page(self.shipment), "//*[contains(@class, 'o_shipment_number')]"
        )
        self.assertEqual(facts, "PORTAL-NEW")

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_no_field_but_the_customers_is_read_or_searched_by_rpc(self):
        self.authenticate("portal_customer", "portal_customer")

        def call(method, *args):
            path = f"shipment.shipment/{method}"
            return self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{path}",
                {
                    "model": "shipment.shipment",
                    "method": method,
                    "args": args,
                    "kwargs": {},
                },
            )

        self.assertEqual(
            call("read", self.shipment.ids, ["headline"])[0]["headline"], "picked_up"
        )
        for name in ("open_exception_count", "correlation_id", "effect_ids"):
            with self.subTest(name):
                with self.assertRaises(JsonRpcException):
                    call("read", self.shipment.ids, [name])
                with self.assertRaises(JsonRpcException):
                    call("search_count", [(name, "!=", False)])
        self.assertLessEqual(set(call("fields_get")), CUSTOMER_FIELDS)
        with self.assertRaises(JsonRpcException):
            call("action_revoke_link", self.shipment.ids)
        with self.assertRaises(JsonRpcException):
            call("write", self.shipment.ids, {"share_expires_at": False})
