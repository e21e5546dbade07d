from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRequestAddress(CarriersCommon):
    """The carrier is asked whether it knows an address."""

    def setUp(self):
        super().setUp()
        self.asked = []
        self._answer()
        self.method.shipment_address_check = "ask"
        self.keeper = self.packer
        self.keeper.group_ids += self.env.ref("base.group_partner_manager")

    def _answer(self, error=None, **parts):
        """Have the carrier suggest what was asked about, with these parts changed."""

        def validate_address(adapter, address):
            self.asked.append(address)
            if error:
                raise error
            return [address.model_copy(update=parts)]

        # The class need not offer it already.
        original = SandboxAdapter.__dict__.get("validate_address")
        SandboxAdapter.validate_address = validate_address

        def restore():
            if original:
                SandboxAdapter.validate_address = original
            elif "validate_address" in SandboxAdapter.__dict__:
                del SandboxAdapter.validate_address

        self.addCleanup(restore)
        self.env.invalidate_all()

    def _open(self, record):
        action = record.action_check_address()
        return (
            self.env[action["res_model"]]
            .with_user(record.env.user)
            .browse(action["res_id"])
        )

    def test_a_good_address_is_confirmed(self):
        picking = self._create_picking()
        self.assertTrue(picking.shipment_address_is_asked)
        self.assertFalse(picking.shipment_address_is_checked)
        self._answer(city="LYON", street="12  RUE DE LA RÉPUBLIQUE")
        action = picking.with_user(self.packer).action_check_address()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(self.asked[0].city, "Lyon")
        self.assertEqual(picking.shipment_address_result, "confirmed")
        self.assertEqual(picking.shipment_address_account_id, self.account)
        self.assertTrue(picking.shipment_address_checked_at)
        self.assertTrue(picking.shipment_address_is_checked)

    def test_another_address_is_not_checked(self):
        picking = self._create_picking()
        picking.action_check_address()
        self.customer.street = "14 rue de la République"
        self.assertFalse(picking.shipment_address_is_checked)
        self.customer.street = "12 rue de la République"
        self.assertTrue(picking.shipment_address_is_checked)

    def test_one_click_takes_the_suggestion(self):
        self._answer(postal_code="69001", street="12 Rue de la République")
        picking = self._create_picking().with_user(self.keeper)
        check = self._open(picking)
        written, suggested = check.line_ids
        self.assertTrue(written.is_written)
        self.assertEqual(suggested.zip, "69001")
        self.assertIn('text-success">69001', suggested.card)
        self.assertNotIn('text-success">Lyon', suggested.card)
        suggested.action_choose()
        self.assertEqual(self.customer.zip, "69001")
        self.assertEqual(self.customer.country_id.code, "FR")
        note = self.customer.message_ids[0]
        self.assertIn("69002", note.body)
        self.assertEqual(note.author_id, self.keeper.partner_id)
        self.assertEqual(picking.shipment_address_result, "corrected")
        self.assertTrue(picking.shipment_address_is_checked)

    def test_a_person_may_know_better(self):
        self._answer(postal_code="69001")
        picking = self._create_picking()
        written, _suggested = self._open(picking).line_ids
        written.action_choose()
        self.assertEqual(self.customer.zip, "69002")
        self.assertEqual(picking.shipment_address_result, "kept")
        self.assertTrue(picking.shipment_address_is_checked)

    def test_who_may_not_change_contacts_does_not_by_this(self):
        self.packer.group_ids -= self.env.ref("base.group_partner_manager")
        self._answer(postal_code="69001")
        picking = self._create_picking().with_user(self.packer)
        check = self._open(picking)
        with self.assertRaises(AccessError):
            check.line_ids[1].action_choose()
        self.assertEqual(self.customer.zip, "69002")

    def test_an_unknown_address_shows_the_carriers_words(self):
        self._answer(error=base.Refused("No such street."))
        picking = self._create_picking()
        check = self._open(picking)
        self.assertEqual(check.message, "No such street.")
        self.assertEqual(len(check.line_ids), 1)
        self.assertFalse(picking.shipment_address_is_checked)

    def test_a_carrier_that_is_away_checks_nothing(self):
        self._answer(error=base.Unavailable("Try later."))
        picking = self._create_picking()
        with self.assertRaisesRegex(UserError, "Try later"):
            picking.action_check_address()
        self.assertFalse(picking.shipment_address_is_checked)

    def test_what_the_order_found_its_delivery_knows(self):
        order = self._create_order()
        order.set_delivery_line(self.method, 10.0)
        order.with_user(self.env.user).action_check_address()
        self.assertTrue(order.shipment_address_is_checked)
        order.action_confirm()
        picking = order.picking_ids
        self.assertTrue(picking.shipment_address_is_checked)
        self.assertEqual(picking.shipment_address_result, "confirmed")

    def test_nobody_is_asked_when_the_method_does_not_want_it(self):
        self.method.shipment_address_check = "off"
        self.assertFalse(self._create_picking().shipment_address_is_asked)
