import io
import zipfile

from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.pdf import PdfReader

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

    def test_one_file_has_the_labels_in_the_order_of_the_deliveries(self):
        first, second = self._ship("PDF"), self._ship("PDF")
        deliveries = second | first
        numbers = [p.shipment_ids.package_ids.tracking_number for p in deliveries]
        content = self._download(
            deliveries.action_print_shipment_labels()["url"]
        ).content
        texts = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
        self.assertEqual(len(texts), 2)
        for text, number in zip(texts, numbers, strict=True):
            self.assertIn(number, text.replace(" ", ""))
        same = self._download(deliveries.action_download_shipment_labels()["url"])
        self.assertEqual(len(PdfReader(io.BytesIO(same.content)).pages), 2)

    def test_labels_for_label_printers_are_one_stream(self):
        deliveries = self._ship("ZPL") | self._ship("ZPL")
        answer = self._download(deliveries.action_print_shipment_labels()["url"])
        self.assertEqual(answer.headers["Content-Type"], "application/zpl")
        self.assertIn("labels.zpl", answer.headers["Content-Disposition"])
        self.assertEqual(answer.content.count(b"^XA"), 2)

    def test_labels_of_two_formats_are_a_zip_or_asked_for_apart(self):
        deliveries = self._ship("PDF") | self._ship("ZPL") | self._ship("PDF")
        url = deliveries.action_download_shipment_labels()["url"]
        answer = self._download(url)
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            self.assertEqual(archive.namelist(), ["labels-1.pdf", "labels-2.zpl"])
            pages = PdfReader(io.BytesIO(archive.read("labels-1.pdf"))).pages
        self.assertEqual(len(pages), 2)
        answer = self._download(f"{url}?format=ZPL")
        self.assertTrue(answer.content.startswith(b"^XA"))
        self.assertEqual(self._download(f"{url}?format=IMAGE").status_code, 404)

    def test_a_label_that_cannot_be_merged_is_not_lost(self):
        deliveries = self._ship("PDF") | self._ship("PDF")
        odd = deliveries[1].shipment_ids.package_ids.label_id
        odd.raw = b"%PDF-1.7 of a carrier who has its own ideas"
        odd.mimetype = "application/pdf"
        answer = self._download(deliveries.action_download_shipment_labels()["url"])
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            self.assertEqual(archive.read("labels-2.pdf"), odd.raw)

    def test_a_label_of_another_company_is_not_handed_out(self):
        package = self._ship("PDF").shipment_ids.package_ids
        other = self.env["res.company"].create({"name": "Elsewhere"})
        new_test_user(
            self.env,
            login="print_stranger",
            groups="stock.group_stock_user",
            company_id=other.id,
            company_ids=[other.id],
        )
        for url in (
            f"/shipment/labels/{package.shipment_id.id}",
            f"/shipment/labels/package/{package.id}",
        ):
            self.authenticate("print_stranger", "print_stranger")
            answer = self.url_open(url)
            self.assertGreaterEqual(answer.status_code, 400)
            self.assertNotIn(b"%PDF", answer.content)

    def test_the_form_says_of_what_kind_the_labels_are(self):
        pdf, zpl = self._ship("PDF"), self._ship("ZPL")
        self.assertEqual(pdf.shipment_ids.label_formats, "PDF")
        self.assertEqual(zpl.shipment_ids.package_ids.label_formats, "ZPL")
        zpl.cancel_shipment()
        self.assertEqual(zpl.shipment_ids.label_formats, "")

    def _ship(self, label_format):
        self.method.shipment_label_format = label_format
        picking = self._create_picking()
        picking.button_validate()
        return picking

    def _download(self, url):
        self.authenticate("carriers_packer", "carriers_packer")
        return self.url_open(url)
