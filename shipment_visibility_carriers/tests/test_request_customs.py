from decimal import Decimal

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.shipment_visibility.canonical.schema import Document, Payer
from odoo.addons.shipment_visibility_carriers.adapters.base import FEATURES
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon

REPORT = "shipment_visibility_carriers.report_commercial_invoice"


@tagged("post_install", "-at_install")
class TestRequestCustoms(CarriersCommon):
    """Across a customs border."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.swiss = cls.env["res.partner"].create(
            {
                "name": "Beispiel Handels AG",
                "is_company": True,
                "street": "Bahnhofstrasse 1",
                "city": "Zürich",
                "zip": "8001",
                "country_id": cls.env.ref("base.ch").id,
                "phone": "+41 44 000 00 00",
                "vat": False,
                "shipment_eori": "CH000000000",
            }
        )
        cls.company.partner_id.shipment_eori = "NL000000000"

    def setUp(self):
        super().setUp()
        self.patch(SandboxAdapter, "features", frozenset(FEATURES))

    def _build(self, picking, **kwargs):
        return self.env["shipment.request.builder"]._from_picking(
            self.method, picking, **kwargs
        )

    def _abroad(self, lines=None, **kwargs):
        return self._create_picking(lines, partner=self.swiss, **kwargs)

    def _declare_blanket(self):
        self.blanket.write(
            {"hs_code": "6301.20", "country_of_origin": self.env.ref("base.pt").id}
        )

    # === WHAT CUSTOMS NEEDS === #

    def test_all_that_customs_misses_is_told_by_product(self):
        self.blanket.list_price = 0
        self.lamp.hs_code = "9405"
        picking = self._abroad({self.lamp: 1, self.blanket: 1})
        with self.assertRaises(UserError) as caught:
            self._build(picking)
        told = str(caught.exception)
        self.assertIn(
            "Customs needs of Wool blanket: an HS code of six to ten digits, "
            "the country of origin, a value.",
            told,
        )
        self.assertIn("Oak desk lamp: an HS code of six to ten digits.", told)

    def test_nothing_is_demanded_within_the_union(self):
        picking = self._create_picking({self.blanket: 1})
        self.assertFalse(picking.shipment_needs_customs)
        self.assertFalse(self._build(picking).duties)

    def test_the_canary_islands_are_behind_a_border(self):
        spain = self.env.ref("base.es")
        state = self.env.ref("base.state_es_gc")
        partner = self.customer.copy(
            {
                "country_id": spain.id,
                "zip": "35001",
                "state_id": state.id,
                "phone": False,
            }
        )
        picking = self._create_picking({self.blanket: 1}, partner=partner)
        with self.assertRaisesRegex(UserError, "Customs needs of Wool blanket"):
            self._build(picking)
        partner.write({"zip": "28013", "state_id": self.env.ref("base.state_es_m").id})
        self.assertTrue(self._build(picking))

    def test_documents_need_no_list_of_goods(self):
        picking = self._abroad({self.blanket: 1})
        picking.shipment_contents = "documents"
        self.assertEqual(self._build(picking).contents, "documents")

    def test_the_way_back_is_declared_too(self):
        picking = self._abroad({self.blanket: 1})
        with self.assertRaisesRegex(UserError, "Customs needs of Wool blanket"):
            self._build(picking, is_return=True)

    def test_a_carrier_that_stays_at_home_is_told_from_the_start(self):
        self.patch(SandboxAdapter, "features", frozenset())
        with self.assertRaisesRegex(UserError, "across customs borders"):
            self._build(self._abroad())

    # === WHAT GOODS ARE WORTH === #

    def test_goods_are_worth_their_price_without_taxes_and_discount(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT 20%", "amount": 20, "amount_type": "percent"}
        )
        currency = self.env.ref("base.CHF")
        currency.active = True
        pricelist = self.env["product.pricelist"].create(
            {"name": "Swiss", "currency_id": currency.id}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.swiss.id,
                "pricelist_id": pricelist.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.lamp.id,
                            "product_uom_qty": 4,
                            "price_unit": 100,
                            "discount": 25,
                            "tax_ids": tax.ids,
                        }
                    )
                ],
            }
        )
        order.set_delivery_line(self.method, 10.0)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = 3
        (item,) = self._build(picking).parcels[0].items
        self.assertEqual(item.quantity, 3)
        self.assertEqual(item.value.amount, Decimal("225"))
        self.assertEqual(item.value.currency, "CHF")

    def test_what_is_given_away_is_worth_its_list_price(self):
        picking = self._abroad({self.lamp: 2})
        picking.move_ids.sale_line_id.discount = 100
        (item,) = self._build(picking).parcels[0].items
        self.assertEqual(item.value.amount, Decimal("178"))

    def test_a_dozen_is_twelve_pieces(self):
        picking = self._abroad({self.lamp: 12})
        line = picking.move_ids.sale_line_id
        value = self._build(picking).parcels[0].items[0].value.amount
        dozens = self.env["sale.order"].create(
            {
                "partner_id": self.swiss.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.lamp.id,
                            "product_uom_qty": 1,
                            "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
                            "price_unit": line.price_unit * 12,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        line.tax_ids = False
        dozens.set_delivery_line(self.method, 10.0)
        dozens.action_confirm()
        (item,) = self._build(dozens.picking_ids).parcels[0].items
        self.assertEqual(item.quantity, 12)
        self.assertEqual(item.value.amount, value)

    # === WHO PAYS DUTIES === #

    def _incoterm(self, code):
        return self.env.ref(f"account.incoterm_{code}")

    def test_the_incoterm_decides_who_pays_duties(self):
        picking = self._abroad()
        self.assertIsNone(self._build(picking).duties)
        picking.sale_id.incoterm = self._incoterm("DDP")
        request = self._build(picking)
        self.assertEqual(request.incoterm, "DDP")
        self.assertEqual(request.duties.payer, Payer.SHIPPER)

    def test_a_receiver_without_account_is_asked_at_the_door(self):
        picking = self._abroad()
        picking.shipment_duties_payer = "receiver"
        self.assertIsNone(self._build(picking).duties)
        picking.sale_id.incoterm = self._incoterm("DDP")
        self.assertEqual(self._build(picking).duties.payer, Payer.RECEIVER)

    def test_what_is_chosen_beats_the_incoterm(self):
        picking = self._abroad()
        picking.sale_id.incoterm = self._incoterm("DDP")
        account = self.env["shipment.payer.account"].create(
            {
                "partner_id": self.customer.id,
                "carrier_id": self.account.carrier_id.id,
                "number": "B-1",
            }
        )
        picking.write(
            {
                "shipment_duties_payer": "third_party",
                "shipment_duties_account_id": account.id,
            }
        )
        duties = self._build(picking).duties
        self.assertEqual(
            (duties.payer, duties.account_number), (Payer.THIRD_PARTY, "B-1")
        )
        self.patch(SandboxAdapter, "features", frozenset({"customs"}))
        with self.assertRaisesRegex(UserError, "duties paid by another's account"):
            self._build(picking)

    # === THE COMMERCIAL INVOICE === #

    def _invoice(self, picking):
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            REPORT, picking.ids
        )
        return " ".join(content.decode().split())

    def _papers(self, picking):
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", "stock.picking"),
                ("res_id", "=", picking.id),
                ("name", "like", "commercial-invoice"),
            ]
        )

    def test_the_invoice_says_what_customs_asks(self):
        self._declare_blanket()
        picking = self._abroad({self.lamp: 2, self.blanket: 1}, packages=2)
        picking.sale_id.incoterm = self._incoterm("DAP")
        picking.shipment_contents = "sample"
        printed = self._invoice(picking)
        for text in (
            "Beispiel Handels AG",
            "Bahnhofstrasse 1",
            "8001 Zürich",
            "Switzerland",
            "NL000000000",
            "CH000000000",
            "9405.21",
            "6301.20",
            "Portugal",
            "DAP",
            "Commercial sample",
            f"{picking.name}/2",
            "242.00",
            "3.900",
        ):
            self.assertIn(text, printed)

    def test_a_packer_prints_it(self):
        picking = self._abroad({self.lamp: 2})
        picking = picking.with_user(self.packer)
        self.assertEqual(
            picking.action_print_commercial_invoice()["report_name"], REPORT
        )
        values = self.env[f"report.{REPORT}"].with_user(self.packer)
        self.assertEqual(
            values._get_report_values(picking.ids)["invoices"][picking.id]["total"], 178
        )

    def test_at_home_there_is_nothing_to_print(self):
        picking = self._create_picking()
        with self.assertRaisesRegex(UserError, "crosses no customs border"):
            self.env[f"report.{REPORT}"]._get_report_values(picking.ids)

    def _carrier_returns(self, *documents):
        """Have the carrier's answers hold these papers and no others."""
        original = SandboxAdapter.parse_booking

        def parse_booking(adapter, answer):
            booked = original(adapter, answer)
            return booked.model_copy(update={"documents": documents})

        self.patch(SandboxAdapter, "parse_booking", parse_booking)

    def test_booking_abroad_attaches_one_invoice(self):
        self._carrier_returns()
        picking = self._abroad({self.lamp: 2})
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        (paper,) = self._papers(picking)
        self.assertIn(b"Oak desk lamp", paper.raw)
        picking.shipment_ids.unlink()
        picking.carrier_tracking_ref = False
        picking.send_to_shipper()
        self.assertEqual(len(self._papers(picking)), 1)

    def test_booking_at_home_attaches_none(self):
        self._carrier_returns()
        picking = self._create_picking()
        picking.button_validate()
        self.assertFalse(self._papers(picking))

    def test_the_carriers_own_invoice_is_enough(self):
        picking = self._abroad({self.lamp: 2})
        self._carrier_returns(
            Document(name="Invoice.pdf", mimetype="application/pdf", content=b"%PDF-")
        )
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.assertFalse(self._papers(picking))

    def test_a_paper_that_fails_undoes_no_label(self):
        self._carrier_returns()
        picking = self._abroad({self.lamp: 2})

        def fail(*args):
            raise UserError(self.env._("The printer's ink is dry."))

        self.patch(type(picking), "_render_commercial_invoice", fail)
        picking.button_validate()
        self.assertTrue(picking.carrier_tracking_ref)
        self.assertIn("ink is dry", " ".join(str(m.body) for m in picking.message_ids))
