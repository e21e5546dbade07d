from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestPrint(CarriersCommon, HttpCase):
    def test_labels_are_printed_as_one_file(self):
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=2)
        picking.button_validate()
        calls = self._count()
        url = picking.with_user(self.packer).action_print_shipment_labels()["url"]
        self.authenticate("carriers_packer", "carriers_packer")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.content.count(b"/Type /Page\n"), 2)
        self.assertFalse(calls)

    def test_who_may_not_read_a_shipment_prints_nothing(self):
        picking = self._create_picking()
        picking.button_validate()
        url = picking.action_print_shipment_labels()["url"]
        self.authenticate(None, None)
        self.assertNotIn(b"%PDF", self.url_open(url).content)
        self.assertEqual(self.url_open("/shipment/labels/x").status_code, 200)

    def test_a_portal_customer_gets_no_label(self):
        picking = self._create_picking()
        picking.button_validate()
        url = picking.action_print_shipment_labels()["url"]
        new_test_user(
            self.env,
            login="carriers_portal",
            groups="base.group_portal",
            partner_id=self.customer.id,
        )
        self.authenticate("carriers_portal", "carriers_portal")
        self.assertEqual(self.url_open(url).status_code, 404)

    def test_nothing_to_print(self):
        with self.assertRaisesRegex(UserError, "no label"):
            self._create_picking().action_print_shipment_labels()
