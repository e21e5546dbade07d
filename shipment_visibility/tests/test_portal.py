from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..canonical.milestone import MILESTONES, Code
from .common import ShipmentCase


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
        )

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
        for sortby in ("status", "name", "nonsense"):
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
        text = self.page(self.shipment).text
        self.assertIn("05/06/2031 08:00 AM", text)
        self.assertIn("05/06/2031 10:00 AM", text)
        self.shipment.headline = "returned"
        self.assertNotIn("05/06/2031", self.page(self.shipment).text)

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
        for model in ("shipment.milestone", "shipment.package", "shipment.exception"):
            with self.subTest(model), self.assertRaises(JsonRpcException):
                call(model, "search_read", [], ["id"])
        with self.assertRaises(JsonRpcException):
            call("shipment.shipment", "read", self.shipment.ids, ["timeline"])
        with self.assertRaises(JsonRpcException):
            call("shipment.shipment", "read", self.other.ids, ["name"])
