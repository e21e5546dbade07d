from odoo.tests import HttpCase, new_test_user, tagged

from ..canonical.milestone import Code
from .common import USUAL, ShipmentCase


@tagged("post_install", "-at_install")
class TestTours(HttpCase, ShipmentCase):
    def setUp(self):
        super().setUp()
        self.picking = self.make_order().picking_ids
        self.shipment = self.validate(self.picking)
        self.picking.carrier_tracking_ref = "TOUR-77-1"
        *on_the_way, _delivered = self.journey("TOUR-77-1", *USUAL)
        self.ingest(*on_the_way)
        self.ingest(
            self.event("TOUR-77-1", Code.DELIVERED, 500, signer="C. Exemple"),
            *on_the_way,
        )

    def test_a_warehouse_user_follows_a_parcel(self):
        new_test_user(self.env, "tour_packer", groups="stock.group_stock_user")
        self.start_tour(
            "/odoo/shipments",
            "shipment_visibility_follow",
            login="tour_packer",
        )

    def test_a_customer_follows_the_own_parcel(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.make_shipment("TOUR-88", partner_id=stranger.id)
        new_test_user(
            self.env,
            "tour_customer",
            groups="base.group_portal",
            partner_id=self.customer.id,
        )
        self.start_tour(
            "/my/shipments", "shipment_visibility_portal", login="tour_customer"
        )

    def test_a_guest_reads_times_in_the_zone_of_the_browser(self):
        self.company.partner_id.tz = "Antarctica/Troll"
        address = self.shipment.get_portal_url()
        self.assertIn("Antarctica/Troll", self.url_open(address).text)
        self.start_tour(address, "shipment_visibility_portal_guest")


@tagged("post_install", "-at_install")
class TestBusinessTours(HttpCase, ShipmentCase):
    def setUp(self):
        super().setUp()
        rule = self.env.ref("shipment_visibility.shipment_rule_release_invoice")
        rule.write({"active": True, "holds_invoice": True})
        self.picking = self.make_order().picking_ids
        self.shipment = self.validate(self.picking)
        self.picking.carrier_tracking_ref = "TOUR-LOST"
        self.ingest(self.event("TOUR-LOST", Code.PICKED_UP))

    def test_a_loss_is_claimed_and_resolved(self):
        self.ingest(self.event("TOUR-LOST", Code.LOST, 60))
        self.carry_out()
        new_test_user(
            self.env,
            "tour_operations",
            groups="stock.group_stock_manager,sales_team.group_sale_manager",
        )
        self.start_tour(
            "/odoo/shipment-exceptions",
            "shipment_visibility_loss",
            login="tour_operations",
        )
        self.assertEqual(self.shipment.exception_ids.claim_ids.state, "filed")

    def test_finance_sees_which_invoices_wait(self):
        self.env["shipment.invoice.hold"]._refresh(10)
        new_test_user(
            self.env,
            "tour_finance",
            groups="account.group_account_invoice,sales_team.group_sale_manager",
        )
        self.start_tour(
            "/odoo/held-invoices", "shipment_visibility_hold", login="tour_finance"
        )

    def test_whoever_writes_a_rule_sees_what_it_would_have_done(self):
        new_test_user(self.env, "tour_manager", groups="stock.group_stock_manager")
        self.start_tour(
            "/odoo/action-shipment_visibility.shipment_rule_action",
            "shipment_visibility_rule",
            login="tour_manager",
        )

    def test_a_packer_records_what_the_driver_said(self):
        new_test_user(self.env, "tour_recorder", groups="stock.group_stock_user")
        self.start_tour(
            f"/odoo/shipments/{self.shipment.id}",
            "shipment_visibility_record",
            login="tour_recorder",
        )
        self.assertEqual(self.shipment.signer, "C. Exemple")
