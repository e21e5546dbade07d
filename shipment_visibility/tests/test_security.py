from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..canonical.milestone import Code
from .common import ShipmentCase

BEHIND = (
    "shipment.package",
    "shipment.milestone",
    "shipment.exception",
    "shipment.charge",
    "shipment.effect",
    "shipment.rule",
    "shipment.mapping",
    "shipment.mapping.gap",
    "shipment.carrier",
)


@tagged("post_install", "-at_install")
class TestSecurity(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packer = new_test_user(cls.env, "packer1", groups="stock.group_stock_user")
        cls.portal = new_test_user(
            cls.env, "portal1", groups="base.group_portal", partner_id=cls.customer.id
        )
        cls.shipment = cls.make_shipment("SEC1")
        cls.ingest(cls.event("SEC1", Code.PICKED_UP))
        stranger = cls.env["res.partner"].create({"name": "Stranger"})
        cls.other = cls.make_shipment("SEC2", partner_id=stranger.id)

    def test_a_warehouse_user_validates_and_sees_the_shipment(self):
        order = self.make_order()
        picking = order.picking_ids.with_user(self.packer)
        shipment = self.validate(picking)
        self.assertEqual(shipment.headline, "unknown")
        self.assertEqual(shipment.package_ids.weight_kg, 3.0)
        self.assertTrue(shipment.timeline)
        self.assertEqual(picking.shipment_count, 1)

    def test_a_warehouse_user_changes_neither_rules_nor_history(self):
        as_packer = self.shipment.with_user(self.packer)
        with self.assertRaises(AccessError):
            as_packer.env["shipment.rule"].create(
                {"name": "x", "code": "delivered", "effect": "release_invoice"}
            )
        with self.assertRaises(AccessError):
            as_packer.package_ids.tracking_number = "x"
        with self.assertRaises(AccessError):
            as_packer.unlink()

    def test_a_portal_customer_reads_the_own_shipment_alone(self):
        shipments = self.env["shipment.shipment"].with_user(self.portal).search([])
        self.assertEqual(shipments, self.shipment)
        self.assertEqual(shipments.headline, "picked_up")
        with self.assertRaises(AccessError):
            self.other.with_user(self.portal).read(["name"])

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_a_portal_customer_reads_nothing_behind_it(self):
        for model in BEHIND:
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.portal).search([])
        as_portal = self.shipment.with_user(self.portal)
        for name in ("timeline", "milestone_ids", "package_ids", "charge_ids"):
            with self.subTest(name), self.assertRaises(AccessError):
                as_portal.read([name])
        with self.assertRaises(AccessError):
            as_portal.write({"headline": "delivered"})

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "other1",
            groups="stock.group_stock_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in ("shipment.shipment", "shipment.package", "shipment.milestone"):
            with self.subTest(model):
                self.assertFalse(self.env[model].with_user(user).search([]))

    def test_every_model_has_access_rights_and_a_company_rule(self):
        for model in self.env["ir.model"].search([("model", "=like", "shipment.%")]):
            if model.transient or model.abstract:
                continue
            with self.subTest(model.model):
                self.assertTrue(model.access_ids)
                if "company_id" in self.env[model.model]._fields:
                    rules = model.rule_ids.filtered(
                        lambda rule: "company_id" in (rule.domain_force or "")
                    )
                    self.assertTrue(rules)
