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
