import unittest
from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)


class CarriersCommon(TransactionCase):
    """A company with a connected sandbox, a catalogue and customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.env.company
        cls.company.partner_id.write(
            {
                "street": "Wilhelminakade 1",
                "city": "Rotterdam",
                "zip": "3072 AP",
                "country_id": cls.env.ref("base.nl").id,
                "phone": "+31 10 000 0000",
            }
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.lamp, cls.blanket = cls.env["product.product"].create(
            [
                {
                    "name": "Oak desk lamp",
                    "is_storable": True,
                    "list_price": 89.0,
                    "weight": 1.4,
                    "hs_code": "9405.21",
                    "country_of_origin": cls.env.ref("base.nl").id,
                    "default_code": "LAMP",
                },
                {
                    "name": "Wool blanket",
                    "is_storable": True,
                    "list_price": 64.0,
                    "weight": 1.1,
                },
            ]
        )
        for product in cls.lamp | cls.blanket:
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.warehouse.lot_stock_id, 100
            )
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Maison Exemple SARL",
                "is_company": True,
                "street": "12 rue de la République",
                "city": "Lyon",
                "zip": "69002",
                "country_id": cls.env.ref("base.fr").id,
                "phone": "04 72 00 00 00",
                "email": "reception@maison-exemple.example",
            }
        )
        cls.account = cls.env["shipment.carrier.account"].create(
            {"name": "Sandbox", "adapter": "sandbox", "company_id": cls.company.id}
        )
        cls.delivery_product = cls.env["product.product"].create(
            {
                "name": "Delivery",
                "type": "service",
                "list_price": 0.0,
                "taxes_id": False,
            }
        )
        cls.method = cls._create_method("standard")
        cls.packer = new_test_user(
            cls.env, login="carriers_packer", groups="stock.group_stock_user"
        )
        cls.salesman = new_test_user(
            cls.env, login="carriers_sales", groups="sales_team.group_sale_salesman"
        )

    def setUp(self):
        super().setUp()
        # What is written in own transactions must see, and be seen by, the test's.
        if not self._registry_patched:
            self.enterContext(self.enter_registry_test_mode())

    @classmethod
    def _create_method(cls, service, **values):
        return cls.env["delivery.carrier"].create(
            {
                "name": f"Sandbox {service}",
                "delivery_type": "shipment_visibility",
                "shipment_account_id": cls.account.id,
                "shipment_service": service,
                "product_id": cls.delivery_product.id,
                "integration_level": "rate_and_ship",
                **values,
            }
        )

    def _create_order(self, lines=None, partner=None, **values):
        lines = lines or {self.lamp: 2}
        return self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customer).id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": qty})
                    for product, qty in lines.items()
                ],
                **values,
            }
        )

    def _create_picking(self, lines=None, partner=None, method=None, packages=0):
        """A delivery of a confirmed order that is ready to be validated."""
        method = method or self.method
        order = self._create_order(lines, partner)
        order.set_delivery_line(method, 10.0)
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        self.assertEqual(picking.state, "assigned")
        for line in picking.move_line_ids[:packages]:
            line.result_package_id = self.env["stock.package"].create({})
        picking.move_ids.picked = True
        return picking

    def _booking(self, picking):
        """The bookings of a delivery as they are now, newest first."""
        bookings = self.env["shipment.booking"]
        bookings.invalidate_model()
        return bookings.search([("name", "=", picking.name)])

    def _raises(self, pattern="", error=UserError):
        """As ``assertRaisesRegex``, without rolling back.

        Odoo's own rolls back to a savepoint, and in a test our own transactions with it; in
        life what they have committed stays.
        """
        return unittest.TestCase.assertRaisesRegex(self, error, pattern)

    def _spoil(self, word):
        """A customer whose name asks the sandbox for trouble."""
        return self.customer.copy({"name": f"{self.customer.name} {word}"})

    def _let_time_pass(self):
        """An hour later nobody is at any booking any more."""
        self.env.cr.execute(
            "UPDATE shipment_booking SET asked_at = asked_at - interval '1 hour'"
        )
        self.env["shipment.booking"].invalidate_model()

    @contextmanager
    def _remembering(self, find_by_reference):
        """The carrier can be asked what became of a booking, and answers this.

        Asked when a request that was given up can reach it no more.
        """
        self._let_time_pass()
        with (
            patch.object(SandboxAdapter, "offers", lambda _adapter, _operation: True),
            patch.object(SandboxAdapter, "find_by_reference", find_by_reference),
        ):
            yield

    def _count(self, operation="book"):
        """Count how often the carrier is asked; a list of the requests."""
        calls = []
        original = getattr(SandboxAdapter, operation)

        def counted(adapter, *args):
            calls.append(args)
            return original(adapter, *args)

        self.patch(SandboxAdapter, operation, counted)
        return calls
