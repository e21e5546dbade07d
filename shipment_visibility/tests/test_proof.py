from odoo.exceptions import UserError
from odoo.tests import HttpCase, Like, new_test_user, tagged
from odoo.tools import html2plaintext, mute_logger

from ..canonical.milestone import Code
from .common import USUAL, ShipmentCase

REPORT = "shipment_visibility.shipment_proof_action_report"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00"
    b"\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\xdacd\xf8\xcfP\x0f\x00\x03\x86\x01"
    b"\x80Z4}k\x00\x00\x00\x00IEND\xaeB`\x82"
)


class ProofCase(ShipmentCase):
    def deliver(self, *numbers, **values):
        """An ordered shipment whose parcels a carrier has delivered."""
        order = self.make_order(client_order_ref="PO-9", **values)
        picking = order.picking_ids
        shipment = self.validate(picking)
        picking.carrier_tracking_ref = ",".join(numbers)
        self.ingest(
            *(
                self.event(
                    number,
                    code,
                    minutes=60 * place,
                    **(
                        {"signer": "A. Curie", "photo_url": "https://p.example.com/1"}
                        if code == Code.DELIVERED
                        else {}
                    ),
                )
                for number in numbers
                for place, code in enumerate(USUAL)
            )
        )
        return shipment

    def attach(self, shipment, name="Signed note.pdf", raw=b"%PDF signed", **values):
        """A document that proves a delivery."""
        document = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": raw,
                "res_model": shipment._name,
                "res_id": shipment.id,
                **values,
            }
        )
        shipment.proof_attachment_ids += document
        return document


@tagged("post_install", "-at_install")
class TestProof(ProofCase):
    def printed(self, shipment, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.env.user)
        content, _kind = report._render_qweb_html(REPORT, shipment.ids)
        return " ".join(html2plaintext(content).replace("\u202f", " ").split())

    def test_the_paper_says_what_was_delivered_when_where_and_to_whom(self):
        self.warehouse.partner_id.tz = "Asia/Tokyo"
        self.customer.write({"street": "3 quai Perriere", "city": "Annecy"})
        shipment = self.deliver("PROOF-1")
        text = self.printed(shipment)
        moment = shipment._say_moment(
            shipment.delivered_at, zone="Asia/Tokyo", year=True
        ).replace("\u202f", " ")
        for said in (
            shipment.name,
            "Example Customer",
            "3 quai Perriere",
            "Test Post",
            "PROOF-1",
            moment,
            "Asia/Tokyo",
            "Lyon, FR",
            "A. Curie",
            "https://p.example.com/1",
            "PO-9",
            "2 × Lamp",
            "3.00 kg",
            "Picked up by the carrier",
        ):
            with self.subTest(said):
                self.assertIn(said, text)
        # What is no more than a scan is not told.
        self.assertNotIn("Left the depot", text)

    def test_parcels_that_came_apart_are_told_apart(self):
        shipment = self.make_shipment("APART-1", "APART-2")
        self.ingest(
            self.event("APART-1", Code.DELIVERED, signer="Ann"),
            self.event("APART-2", Code.DELIVERED, 90, signer="Bob"),
        )
        told = [(p["parcels"], p["signer"]) for p in shipment._proofs()]
        self.assertEqual(told, [(["APART-1"], "Ann"), (["APART-2"], "Bob")])

    def test_parcels_that_came_together_are_told_once_with_all_photos(self):
        shipment = self.make_shipment("TOGETHER-1", "TOGETHER-2")
        self.ingest(
            *(
                self.event(n, Code.DELIVERED, photo_url=f"https://p.example.com/{n}")
                for n in ("TOGETHER-1", "TOGETHER-2")
            )
        )
        (proof,) = shipment._proofs()
        self.assertFalse(proof["parcels"])
        self.assertEqual(len(proof["photos"]), 2)

    def test_what_came_back_is_proven_no_more(self):
        shipment = self.make_shipment("BACK-1")
        self.ingest(*self.journey("BACK-1", Code.DELIVERED, Code.RETURNING))
        self.assertEqual(shipment._proofs(), [])

    def test_only_a_web_address_is_a_photo(self):
        shipment = self.make_shipment("PHOTO-1")
        self.ingest(
            self.event("PHOTO-1", Code.DELIVERED, photo_url="javascript:alert(1)")
        )
        self.assertEqual(shipment._proofs()[0]["photos"], [])

    def test_there_is_no_proof_of_what_is_not_delivered(self):
        shipment = self.make_shipment("WAY-1")
        self.ingest(self.event("WAY-1", Code.PICKED_UP))
        with self.assertRaisesRegex(UserError, shipment.name):
            self.printed(shipment)

    def test_a_packer_without_other_rights_prints_it(self):
        packer = new_test_user(self.env, "packer3", groups="stock.group_stock_user")
        shipment = self.deliver("PACKER-1")
        self.assertIn("PACKER-1", self.printed(shipment, packer))

    def test_the_paper_shows_pictures_and_names_documents(self):
        shipment = self.deliver("PICTURE-1")
        self.attach(shipment, "Signature.png", PNG, mimetype="image/png")
        self.attach(shipment)
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            REPORT, shipment.ids
        )
        self.assertIn(b"data:image/png;base64,", content)
        self.assertIn(b"Signed note.pdf", content)

    @mute_logger("odoo.addons.base.models.ir_actions_report")
    def test_it_prints_as_pdf(self):
        shipment = self.deliver("PRINT-1").with_context(force_report_rendering=True)
        self.assertTrue(shipment._render_proof().startswith(b"%PDF"))

    def test_a_label_is_no_proof_whoever_filed_it(self):
        shipment = self.deliver("LABEL-1")
        label = self.attach(shipment, "Label.pdf", b"%PDF label")
        shipment.package_ids[0].label_id = label
        self.assertFalse(shipment._proof_documents())


@tagged("post_install", "-at_install")
class TestInvoiceProof(ProofCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env, "accountant1", groups="account.group_account_invoice"
        )

    def invoice(self, shipment):
        return shipment.order_ids._create_invoices().with_user(self.accountant)

    def attached(self, invoice):
        return self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", invoice.id)]
        )

    def test_an_accountant_attaches_the_proof_and_its_documents_once(self):
        shipment = self.deliver("INVOICE-1")
        self.attach(shipment)
        invoice = self.invoice(shipment)
        self.assertEqual(invoice.sudo().proof_shipment_ids, shipment)
        invoice.action_attach_proof_of_delivery()
        attached = self.attached(invoice)
        self.assertEqual(
            sorted(attached.mapped("name")),
            [
                f"Proof of Delivery {shipment.name.replace('/', '-')}.pdf",
                "Signed note.pdf",
            ],
        )
        note = invoice.message_ids[0].body
        self.assertIn("Signed note.pdf", note)
        invoice.action_attach_proof_of_delivery()
        self.assertEqual(self.attached(invoice), attached)
        self.assertEqual(invoice.message_ids[0].body, note)

    def test_what_is_learnt_later_is_added(self):
        shipment = self.deliver("INVOICE-2")
        invoice = self.invoice(shipment)
        invoice.action_attach_proof_of_delivery()
        self.attach(shipment)
        invoice.action_attach_proof_of_delivery()
        self.assertEqual(len(self.attached(invoice)), 2)

    def test_the_copy_stays_when_the_document_goes(self):
        shipment = self.deliver("INVOICE-3")
        document = self.attach(shipment)
        invoice = self.invoice(shipment)
        invoice.action_attach_proof_of_delivery()
        document.unlink()
        copy = self.attached(invoice).filtered(lambda a: a.name == "Signed note.pdf")
        self.assertEqual(copy.raw, b"%PDF signed")

    def test_an_invoice_of_what_is_on_its_way_has_nothing_to_attach(self):
        order = self.make_order()
        self.validate(order.picking_ids)
        invoice = order._create_invoices().with_user(self.accountant)
        self.assertFalse(invoice.sudo().proof_shipment_ids)
        with self.assertRaisesRegex(UserError, "Nothing of"):
            invoice.action_attach_proof_of_delivery()

    def test_a_credit_note_proves_no_delivery(self):
        shipment = self.deliver("INVOICE-4")
        invoice = shipment.order_ids._create_invoices()
        invoice.action_post()
        refund = invoice._reverse_moves()
        self.assertFalse(refund.proof_shipment_ids)


@tagged("post_install", "-at_install")
class TestPortalProof(HttpCase, ProofCase):
    def setUp(self):
        super().setUp()
        self.shipment = self.deliver("SHOWN-1")
        self.document = self.attach(self.shipment)
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.other = self.make_shipment("SHOWN-2", partner_id=stranger.id)
        self.foreign = self.attach(self.other, "Foreign.pdf", b"%PDF foreign")
        new_test_user(
            self.env,
            "portal_proof",
            groups="base.group_portal",
            partner_id=self.customer.id,
        )

    def document_of(self, shipment, document, token=""):
        query = f"?access_token={token}" if token else ""
        return self.url_open(f"{shipment.access_url}/proof/{document.id}{query}")

    def test_owner_and_guest_see_and_open_the_proof(self):
        for login, token in (
            ("portal_proof", ""),
            (None, self.shipment.access_token),
        ):
            with self.subTest(login):
                self.authenticate(login, login)
                query = f"?access_token={token}" if token else ""
                page = self.url_open(f"{self.shipment.access_url}{query}").text
                for said in ("A. Curie", "Signed note.pdf", "https://p.example.com/1"):
                    self.assertIn(said, page)
                self.assertIn(f"/proof/{self.document.id}", page)
                answer = self.document_of(self.shipment, self.document, token)
                self.assertEqual(answer.content, b"%PDF signed")

    @mute_logger("odoo.http")
    def test_no_other_document_is_opened_by_guessing(self):
        label = self.attach(self.shipment, "Label.pdf", b"%PDF label")
        self.shipment.package_ids[0].label_id = label
        loose = self.env["ir.attachment"].create(
            {
                "name": "Quote of the carrier.pdf",
                "raw": b"%PDF internal",
                "res_model": self.shipment._name,
                "res_id": self.shipment.id,
            }
        )
        token = self.shipment.access_token
        for login in ("portal_proof", None):
            self.authenticate(login, login)
            for shipment, document, key in (
                (self.shipment, label, token),
                (self.shipment, loose, token),
                (self.shipment, self.foreign, token),
                (self.other, self.foreign, token),
                (self.other, self.document, token),
                (self.other, self.foreign, ""),
            ):
                with self.subTest(
                    login, document=document.name, shipment=shipment.name
                ):
                    answer = self.document_of(shipment, document, key)
                    self.assertEqual(answer.status_code, 404)
                    self.assertNotIn(b"%PDF", answer.content)
        page = self.url_open(f"{self.shipment.access_url}?access_token={token}").text
        self.assertNotIn("Label.pdf", page)

    @mute_logger("odoo.http")
    def test_documents_close_with_the_link(self):
        token = self.shipment.access_token
        self.shipment.share_expires_at = "2020-01-01"
        for answer in (
            self.document_of(self.shipment, self.document, token),
            self.url_open(f"{self.shipment.access_url}/proof?access_token={token}"),
        ):
            self.assertEqual(answer.status_code, 404)
        self.authenticate("portal_proof", "portal_proof")
        answer = self.document_of(self.shipment, self.document)
        self.assertEqual(answer.status_code, 200)

    def test_a_document_that_could_run_is_saved_not_shown(self):
        page = self.attach(
            self.shipment, "p.html", b"<script>1</script>", mimetype="text/html"
        )
        token = self.shipment.access_token
        answer = self.document_of(self.shipment, page, token)
        self.assertEqual(answer.headers["Content-Disposition"], Like("attachment..."))

    def test_the_paper_is_downloaded_by_the_link(self):
        token = self.shipment.access_token
        address = f"{self.shipment.access_url}/proof?access_token={token}"
        answer = self.url_open(address)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        # Tests print no PDF by themselves: what comes is the page before it is printed.
        self.assertIn("A. Curie", answer.text)

    @mute_logger("odoo.http")
    def test_there_is_no_paper_of_what_is_on_its_way(self):
        token = self.other.access_token
        answer = self.url_open(f"{self.other.access_url}/proof?access_token={token}")
        self.assertEqual(answer.status_code, 404)
