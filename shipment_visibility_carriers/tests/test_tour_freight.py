from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .freight_common import FreightCase

ACTION = "/odoo/action-shipment_visibility_carriers.shipment_"


@tagged("post_install", "-at_install")
class TestFreightTours(HttpCase, FreightCase):
    """Finance takes a carrier's invoice from its file to the books."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env, login="freight_accountant", groups="account.group_account_user"
        )

    def _do_jobs_at_once(self):
        """There is no queue in a test: its jobs are done where they are asked for."""
        for model, enqueue, job in (
            ("shipment.carrier.invoice.file", "_enqueue", "_job_import"),
            ("shipment.carrier.invoice.file", "_audit_later", "_job_audit"),
            ("shipment.carrier.invoice", "_audit_later", "_job_audit"),
        ):

            def do(records, job=job):
                # A job looks at what is committed.
                records.env.flush_all()
                for record in records.sudo():
                    getattr(record, job)()

            self.patch(type(self.env[model]), enqueue, do)

    def test_a_file_is_imported_and_a_clerk_says_whose_parcel_it_is(self):
        self._do_jobs_at_once()
        self.carrier = self.env["shipment.carrier"]._get_or_create("ups", "UPS")
        shipment = self.make_shipment(
            "1ZTOUR0001",
            {"freight": 9.5},
            carrier_id=self.carrier.id,
            name="Tour shipment",
        )
        self.start_tour(
            f"{ACTION}carrier_invoice_action",
            "shipment_freight_import",
            login=self.clerk.login,
        )
        self.env.invalidate_all()
        lines = self.env["shipment.carrier.invoice.line"].search(
            [("invoice_id.carrier_id", "=", self.carrier.id)]
        )
        self.assertEqual(lines.shipment_id, shipment)
        self.assertEqual(lines.mapped("is_unmatched"), [False] * 3)
        self.assertAlmostEqual(shipment.freight_invoiced, 32.6)

    def test_findings_are_decided_and_the_rest_is_billed(self):
        head = self.head(total="23.00")
        lines = []
        for number, surcharge in (("TOUR1", "2.00"), ("TOUR2", "5.00")):
            self.make_shipment(number, {"freight": 8.0})
            lines.append(self.line(head, number, "8.00"))
            lines.append(self.line(head, number, surcharge, "residential"))
        invoice = self.audited(*lines)
        self.start_tour(
            f"{ACTION}freight_finding_action",
            "shipment_freight_decide",
            login=self.clerk.login,
        )
        self.env.invalidate_all()
        self.assertEqual(
            dict(invoice.finding_ids.mapped(lambda f: (f.tracking_number, f.state))),
            {"TOUR1": "accepted", "TOUR2": "disputed"},
        )
        self.assertEqual(invoice.finding_ids.dispute_id.state, "sent")
        self.start_tour(
            f"/odoo/shipment.carrier.invoice/{invoice.id}",
            "shipment_freight_bill",
            login=self.clerk.login,
        )
        self.env.invalidate_all()
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.move_ids.partner_id, self.vendor)
        self.assertAlmostEqual(invoice.move_ids.amount_untaxed, 18.0)

    def test_the_month_is_closed(self):
        accrued = self.env["account.account"].create(
            {"name": "Accrued", "code": "FR3000", "account_type": "liability_current"}
        )
        self.policy.write(
            {
                "accrual_account_id": accrued.id,
                "accrual_journal_id": self.env["account.journal"]
                .create({"name": "Accruals", "code": "FRAC", "type": "general"})
                .id,
            }
        )
        shipment = self.make_shipment("TOUR1", {"freight": 8.0}, name="Tour shipment")
        today = fields.Date.context_today(self.env.user)
        end = fields.Date.subtract(fields.Date.start_of(today, "month"), days=1)
        shipment.charge_ids.date = end
        self.env.flush_all()
        self.start_tour(
            f"{ACTION}freight_accrual_action",
            "shipment_freight_accrue",
            login=self.accountant.login,
        )
        line = self.env["shipment.freight.accrual.line"].search(
            [("shipment_id", "=", shipment.id), ("is_posted", "=", True)]
        )
        self.assertEqual((line.date, line.amount), (end, 8.0))
        self.assertEqual(line.accrual_id.move_id.state, "posted")

    def test_the_margin_is_seen(self):
        product = self.env["product.product"].create(
            {"name": "Delivery", "type": "service", "list_price": 0}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.env["product.product"]
                            .create({"name": "Lamp", "is_storable": True})
                            .id,
                            "price_unit": 50,
                        }
                    ),
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": 12,
                            "tax_ids": False,
                            "is_delivery": True,
                        }
                    ),
                ],
            }
        )
        order.action_confirm()
        self.make_shipment(
            "TOUR1",
            {"freight": 8.0},
            name="Tour shipment",
            picking_ids=order.picking_ids.ids,
        )
        self.store(self.line(self.head(), "TOUR1", "9.50"))
        self.start_tour(
            "/odoo/action-shipment_visibility.shipment_freight_report_action",
            "shipment_freight_margin",
            login=self.clerk.login,
        )
