from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..canonical.milestone import Code
from .common import ShipmentCase

SEARCHED = {
    "shipment.shipment": "shipment_visibility.shipment_shipment_view_search",
    "shipment.exception": "shipment_visibility.shipment_exception_view_search",
    "shipment.package": "shipment_visibility.shipment_package_view_search",
    "shipment.milestone": "shipment_visibility.shipment_milestone_view_search",
    "shipment.effect": "shipment_visibility.shipment_effect_view_search",
    "stock.picking": "stock.view_picking_internal_search",
}


@tagged("post_install", "-at_install")
class TestViews(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("stock.group_stock_user")
        cls.picking = cls.make_order().picking_ids
        cls.shipment = cls.validate(cls.picking)
        cls.picking.carrier_tracking_ref = "VIEW-1"
        cls.ingest(cls.event("VIEW-1", Code.PICKED_UP))

    def filters(self, model):
        """Return the domains of the model's search view by the filters' names."""
        view = self.env[model].get_view(self.env.ref(SEARCHED[model]).id, "search")
        nodes = etree.fromstring(view["arch"]).iterfind(".//filter[@domain]")
        values = {"uid": self.env.uid, "current_date": str(fields.Date.today())}
        return {n.get("name"): safe_eval(n.get("domain"), values) for n in nodes}

    def found(self, model, name):
        return self.env[model].search(self.filters(model)[name])

    def test_every_filter_finds_or_finds_nothing(self):
        for model in SEARCHED:
            for name in self.filters(model):
                with self.subTest(f"{model} {name}"):
                    self.found(model, name)

    def test_late_silent_and_in_trouble_are_found_from_both_sides(self):
        now = fields.Datetime.now()
        told = (
            ("late", {"promised_at": now - timedelta(hours=1)}),
            ("late", {"order_promised_at": now - timedelta(hours=1)}),
            ("late", {"estimated_to": now - timedelta(hours=1)}),
            ("late", {"estimated_date": now.date() - timedelta(days=1)}),
            ("silent", {"last_event_at": now - timedelta(hours=49)}),
            ("trouble", {"open_exception_count": 1}),
        )
        calm = {
            "promised_at": False,
            "order_promised_at": False,
            "estimated_to": False,
            "estimated_date": False,
            "last_event_at": now,
            "open_exception_count": 0,
        }
        for name, values in told:
            with self.subTest(name, values=values):
                self.shipment.write(calm)
                self.assertNotIn(self.shipment, self.found("shipment.shipment", name))
                self.shipment.write(values)
                self.assertIn(self.shipment, self.found("shipment.shipment", name))
                pickings = self.found("stock.picking", f"shipment_{name}")
                self.assertIn(self.picking, pickings)

    def test_what_is_over_is_neither_late_nor_silent(self):
        long_ago = fields.Datetime.now() - timedelta(days=9)
        self.shipment.write(
            {
                "headline": "delivered",
                "promised_at": long_ago,
                "last_event_at": long_ago,
            }
        )
        for name in ("late", "silent"):
            self.assertNotIn(self.shipment, self.found("shipment.shipment", name))

    def test_the_delivery_says_what_is_wrong_and_who_handles_it(self):
        self.ingest(self.event("VIEW-1", Code.CUSTOMS_HELD, 30, reason="no papers"))
        packer = new_test_user(
            self.env, "views_packer", groups="stock.group_stock_user"
        )
        exception = self.picking.with_user(packer).shipment_exception_ids
        self.assertEqual(exception.code, "customs_held")
        self.resolve(exception)
        self.assertFalse(self.picking.shipment_exception_ids)

    def test_columns_by_phase_stand_in_the_order_of_a_journey(self):
        for headline, phase in (
            ("delivered", "outcome"),
            ("at_destination", "destination"),
            ("info_received", "pre_carrier"),
        ):
            self.make_shipment(f"PHASE-{phase}").write(
                {"headline": headline, "phase": phase}
            )
        # As the kanban view asks.
        shipments = self.env["shipment.shipment"].with_context(read_group_expand=True)
        answer = shipments.web_read_group([], ["phase"])
        phases = [group["phase"] for group in answer["groups"]]
        order = [value for value, _label in self.shipment._fields["phase"].selection]
        self.assertEqual(phases, sorted(phases, key=order.index))
        self.assertIn("destination", phases)
