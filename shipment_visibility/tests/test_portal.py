from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..canonical.milestone import Code
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
