from odoo.tests import HttpCase, tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestTours(HttpCase, CarriersCommon):
    def test_the_warehouse_validates_prints_and_voids(self):
        picking = self._create_picking()
        self.start_tour(
            f"/odoo/deliveries/{picking.id}",
            "shipment_visibility_carriers_warehouse",
            login=self.packer.login,
        )
        picking.invalidate_recordset()
        self.assertEqual(picking.state, "done")
        self.assertFalse(picking.carrier_tracking_ref)
        self.assertEqual(picking.shipment_ids.headline, "cancelled")
        self.assertEqual(self._booking(picking).mapped("state"), ["voided"])

    def test_an_administrator_connects_a_carrier(self):
        self.start_tour(
            "/odoo/action-stock.action_stock_config_settings",
            "shipment_visibility_carriers_connect",
            login="admin",
        )
        account = self.env["shipment.carrier.account"].search(
            [("name", "=", "My sandbox")]
        )
        self.assertEqual(account.environment, "test")


@tagged("post_install", "-at_install")
class TestBookingTours(HttpCase, CarriersCommon):
    def _work_at_once(self, model, enqueue, job):
        """There is no queue in a test: its jobs are done where they are asked for."""
        self.patch(
            type(self.env[model]),
            enqueue,
            lambda records, seconds=0: [getattr(one, job)() for one in records],
        )

    def test_many_labels_are_booked_at_a_time(self):
        self._work_at_once("shipment.booking.run", "_enqueue", "_job_book")
        partner = self._spoil("SANDBOX-BOOK-REFUSE")
        self.warehouse.out_type_id.print_label = False
        pickings = self._create_picking() | self._create_picking()
        pickings |= self._create_picking(partner=partner)
        pickings.button_validate()
        self.warehouse.out_type_id.print_label = True
        # Meanwhile somebody corrects the address that was refused.
        runs = type(self.env["shipment.booking.run"])
        try_again = runs._try_again

        def corrected_first(run):
            run.env["res.partner"].browse(partner.id).name = self.customer.name
            try_again(run)

        self.patch(runs, "_try_again", corrected_first)
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "Deliveries of the tour",
                "res_model": "stock.picking",
                "view_mode": "list,form",
                "domain": [("id", "in", pickings.ids)],
            }
        )
        self.start_tour(
            f"/odoo/action-{action.id}",
            "shipment_visibility_carriers_bulk",
            login=self.packer.login,
        )
        pickings.invalidate_recordset()
        self.assertEqual(len(set(pickings.mapped("carrier_tracking_ref"))), 3)

    def test_a_lost_booking_is_decided_on_its_exception(self):
        self._work_at_once("stock.picking", "_enqueue_label", "_job_book_label")
        calls = self._count()
        self.account.sudo().credentials = {"api_key": "SANDBOX-BOOK-TIMEOUT"}
        picking = self._create_picking()
        picking.button_validate()
        self.account.sudo().credentials = {"api_key": "sandbox"}
        exception = self.env["shipment.exception"].search(
            [("picking_id", "=", picking.id)]
        )
        self.assertEqual(len(calls), 1)
        self.start_tour(
            f"/odoo/shipment.exception/{exception.id}",
            "shipment_visibility_carriers_lost_booking",
            login="admin",
        )
        picking.invalidate_recordset()
        self.assertEqual(len(calls), 2)
        self.assertTrue(picking.carrier_tracking_ref)
