import base64
import csv
import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..invoices import batches
from .invoice_file_common import FUEL, InvoiceFileCase, table, ups_row, zipped

FEDEX = {
    "Bill to Account Number": "DEMO-5101",
    "Invoice Date": "20260302",
    "Invoice Number": "9-000-00042",
    "Express or Ground Tracking ID": "700000000042",
    "Transportation Charge Amount": "20.00",
    "Net Charge Amount": "20.00",
    "Service Type": "FedEx 2Day",
    "Shipment Date": "20260220",
}


@tagged("post_install", "-at_install")
class TestBadInvoiceFiles(InvoiceFileCase):
    """What is wrong with a file is told by row, and nothing of it is billed by accident."""

    def good(self, place):
        return ups_row(f"1ZDEMO{place:04}", "1.00")

    def assertStopped(self, record, words):
        self.assertEqual(record.state, "failed")
        self.assertRegex(record.trouble, words)

    # === THE CHOICE === #

    def spoilt(self):
        """Five rows, of which the second and the fourth cannot be read."""
        return table(
            self.good(1),
            ups_row("1ZDEMO0002", "twelve"),
            self.good(3),
            ups_row("1ZDEMO0004", "1.00", INVOICE_DATE="3/2/1900"),
            self.good(5),
        )

    def test_what_is_good_is_kept_and_the_rest_is_listed_by_row(self):
        record = self.imported(self.spoilt())
        self.assertEqual((record.state, record.line_count), ("done", 3))
        self.assertEqual(self.lines().mapped("row"), [1, 3, 5])
        (second, letters), (fourth, year) = self.refused(record)
        self.assertEqual((second, fourth), (2, 4))
        self.assertRegex(letters, "Net Amount.*“twelve” is no amount")
        self.assertRegex(year, "Invoice Date.*the year 1900")

    def test_the_whole_file_is_refused_by_choice(self):
        record = self.imported(self.spoilt(), on_error="refuse")
        self.assertStopped(record, "cannot be read: 2. Nothing of the file was stored")
        self.assertEqual([row for row, _reason in self.refused(record)], [2, 4])
        self.assertFalse(self.lines())
        self.assertFalse(
            self.env["shipment.carrier.invoice"].search([("name", "=", "INV-1")])
        )

    def test_a_file_without_a_wrong_row_is_imported_whichever_was_chosen(self):
        self.in_batches(2)
        record = self.imported(table(*map(self.good, range(5))), on_error="refuse")
        self.assertEqual((record.state, record.line_count), ("done", 5))
        self.assertEqual((record.known_count, record.progress), (0, 100))

    def test_a_refused_file_can_be_kept_after_all(self):
        record = self.imported(self.spoilt(), on_error="refuse")
        record.on_error = "keep"
        self.run_import(record)
        self.assertEqual((record.state, record.line_count), ("done", 3))
        self.assertEqual(len(record.refusal_ids), 2)

    def test_a_refused_file_is_replaced_by_a_corrected_one(self):
        record = self.imported(self.spoilt(), on_error="refuse")
        corrected = table(*(self.good(place) for place in range(1, 6)))
        record.file = base64.b64encode(corrected)
        self.run_import(record)
        self.assertEqual((record.state, record.line_count), ("done", 5))
        self.assertFalse(record.refusal_ids)
        with self.assertRaisesRegex(UserError, "imported already"):
            self.upload(corrected).action_import()

    def test_a_corrected_file_adds_only_what_was_missing(self):
        self.imported(self.spoilt())
        again = self.imported(table(*(self.good(place) for place in range(1, 6))))
        self.assertEqual((again.line_count, again.known_count), (2, 3))
        self.assertEqual(len(self.lines()), 5)

    def test_what_is_found_in_the_last_batch_refuses_the_first_one_too(self):
        self.in_batches(2)
        rows = [
            *map(self.good, range(7)),
            ups_row("1ZDEMO0008", "1.00", CURRENCY="QQQ"),
        ]
        record = self.imported(table(*rows), on_error="refuse")
        self.assertStopped(record, "QQQ")
        self.assertFalse(self.lines())
        kept = self.imported(table(*rows), on_error="keep", name="kept.csv")
        self.assertStopped(kept, "QQQ")
        self.assertEqual(len(self.lines()), 6)

    def test_the_choice_cannot_change_once_rows_are_kept(self):
        self.in_batches(2)
        rows = [
            *map(self.good, range(3)),
            ups_row("1ZDEMO0008", "1.00", CURRENCY="QQQ"),
        ]
        record = self.imported(table(*rows))
        self.assertTrue(record.line_count)
        with self.assertRaisesRegex(UserError, "good rows are kept"):
            record.on_error = "refuse"

    def test_the_form_offers_the_choice(self):
        # The browser sets the name along with the file.
        files = self.env["shipment.carrier.invoice.file"].with_context(
            default_name="invoices.csv"
        )
        with Form(files.with_user(self.clerk)) as form:
            form.file = base64.b64encode(self.spoilt())
            self.assertEqual(form.on_error, "keep")
            form.on_error = "refuse"
        self.run_import(form.record)
        self.assertEqual(form.record.state, "failed")

    # === ANOTHER FILE THAN IT WAS TAKEN FOR === #

    def test_another_carrier_than_was_chosen_is_told(self):
        other = self.env["shipment.carrier"]._get_or_create("dhl", "DHL")
        record = self.imported(table(self.good(1)), carrier_id=other.id)
        self.assertStopped(record, "invoices of UPS, and DHL was chosen")
        self.assertFalse(self.lines())

    def test_another_format_than_was_chosen_is_told(self):
        record = self.imported(table(self.good(1)), format="fedex_billing")
        self.assertStopped(record, "looks like UPS.*FedEx.* was chosen")

    def test_a_file_of_no_known_format_is_told(self):
        record = self.imported(b"Name;Phone\nMarc Demo;123\n")
        self.assertStopped(record, "no known format")

    def test_a_file_with_far_too_many_wrong_rows_is_left(self):
        self.enterContext(patch.object(batches, "MOST_REFUSED", 5))
        rows = [ups_row("1ZDEMO0001", "x") for _place in range(20)]
        record = self.imported(table(self.good(1), *rows))
        self.assertStopped(record, "More than 5 rows .*Row 7")
        self.assertEqual(len(record.refusal_ids), 5)

    def test_a_file_of_which_no_row_can_be_read_is_not_imported(self):
        record = self.imported(table(ups_row("1ZDEMO0001", "x")))
        self.assertStopped(record, "No row")
        self.assertEqual([row for row, _reason in self.refused(record)], [1])

    def test_a_file_without_charges_is_told(self):
        header = ups_row("Tracking Number", "Net Amount", ACCOUNT="Account Number")
        self.assertStopped(self.imported(table(header)), "no charges")

    def test_a_column_that_is_there_twice_is_told(self):
        names = [*FEDEX, "Invoice Number"]
        record = self.imported(
            table(names, [*FEDEX.values(), "9-000-00043"]), format="fedex_billing"
        )
        self.assertStopped(record, "Invoice Number")
        self.assertFalse(record.invoice_ids)

    # === DAMAGED === #

    def test_a_file_that_is_cut_off_is_told_with_its_last_row(self):
        content = table(*(self.good(place) for place in range(4)))
        record = self.imported(content[: content.rindex(b"1ZDEMO") + 40])
        self.assertEqual((record.state, record.line_count), ("done", 3))
        ((row, reason),) = self.refused(record)
        self.assertEqual(row, 4)
        self.assertIn("cut off", reason)

    def test_what_is_missing_of_an_invoice_keeps_it_from_being_approved(self):
        rows = [ups_row(f"1ZDEMO000{n}", "1.00", INVOICE_AMOUNT="2.00") for n in (1, 2)]
        record = self.imported(table(rows[0]))
        invoice = record.sudo().invoice_ids
        with self.assertRaisesRegex(UserError, "do not add up"):
            invoice.action_approve()
        self.imported(table(*rows))
        invoice.action_approve()
        self.assertEqual(invoice.state, "approved")

    def test_an_archive_that_is_damaged_in_the_middle_keeps_what_came_before(self):
        content = bytearray()
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name in ("one.csv", "two.csv"):
                rows = [ups_row(f"1Z{name[:3]}{n:04}", "1.00") for n in range(2_000)]
                archive.writestr(name, table(*rows))
        content = bytearray(file.getvalue())
        content[-300_000] ^= 0xFF
        record = self.imported(bytes(content), name="both.zip")
        self.assertStopped(record, "“two.csv” in the archive is damaged")
        self.assertGreater(record.line_count, 2_000)
        self.assertLess(record.line_count, 4_000)
        refused = self.imported(bytes(content), name="again.zip", on_error="refuse")
        self.assertStopped(refused, "damaged")
        self.assertEqual((refused.line_count, refused.known_count), (0, 0))

    def test_an_archive_that_is_cut_off_is_told(self):
        content = zipped(("one.csv", table(self.good(1))))
        record = self.imported(content[:-60], name="one.zip")
        self.assertStopped(record, "damaged or cut off")

    def test_a_refused_row_names_its_file_of_the_archive(self):
        record = self.imported(
            zipped(("one.csv", table(self.good(1))), ("two.csv", self.spoilt())),
            name="both.zip",
        )
        self.assertEqual(set(record.refusal_ids.mapped("member")), {"two.csv"})

    def test_a_gigabyte_of_zeros_is_left_as_soon_as_it_shows(self):
        file = io.BytesIO()
        with zipfile.ZipFile(
            file, "w", zipfile.ZIP_DEFLATED, compresslevel=1
        ) as archive:
            archive.writestr("good.csv", table(self.good(1)))
            with archive.open("zeros.csv", "w", force_zip64=True) as member:
                member.write(table(self.good(2)))
                for _mebibyte in range(1024):
                    member.write(bytes(1 << 20))
        for choice, kept in (("keep", 2), ("refuse", 0)):
            with self.subTest(choice):
                record = self.imported(
                    file.getvalue(), name=f"{choice}.zip", on_error=choice
                )
                self.assertIn(record.state, ("done", "failed"))
                self.assertEqual(record.line_count, kept)
                self.assertTrue(record.refusal_ids or record.trouble)
                self.lines().invoice_id.sudo().unlink()

    # === MONEY === #

    def test_a_negative_total_is_a_credit_and_becomes_a_refund(self):
        self.make_shipment("1ZDEMO0001", {"freight": 9.5})
        record = self.imported(
            table(ups_row("1ZDEMO0001", "-3.10", INVOICE_AMOUNT="-3.10"))
        )
        invoice = record.sudo().invoice_ids
        self.assertEqual((invoice.kind, invoice.difference), ("credit_note", 0))
        invoice.action_approve()
        invoice.action_post()
        self.assertEqual(invoice.move_ids.move_type, "in_refund")
        self.assertAlmostEqual(invoice.move_ids.amount_untaxed, 3.1)

    # === WHAT COMES OUT AGAIN === #

    def cells(self, content):
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    def assertNoFormula(self, rows):
        for row in rows:
            for cell in row:
                is_number = cell.lstrip("+-").replace(".", "", 1).isdigit()
                bare = cell.lstrip()
                self.assertFalse(
                    bare.startswith(("=", "+", "-", "@")) and not is_number, cell
                )

    def test_the_list_of_refused_rows_holds_no_formula(self):
        record = self.imported(
            table(self.good(1), ups_row("=cmd()", "=1+1")), name="@SUM(1).csv"
        )
        rows = self.cells(base64.b64decode(record.refusal_table))
        self.assertEqual(rows[0], ["file", "row", "reason"])
        self.assertEqual(rows[1][:2], ["'@SUM(1).csv", "2"])
        self.assertIn("“=1+1” is no amount", rows[1][2])
        self.assertNoFormula(rows)
        self.assertIn(
            f"/{record.id}/refusal_table", record.action_download_refusals()["url"]
        )

    def test_a_dispute_sends_no_formula_to_the_carrier(self):
        for place, text in enumerate(
            ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "-1.5")
        ):
            number = f"1ZDEMO000{place}"
            self.make_shipment(number, headline="cancelled")
            charge = ("FRT", text, f"{text} of words")
            self.imported(
                table(ups_row(number, "4.00", charge, ACCOUNT=f"{text} account")),
                name=f"{place}.csv",
            )
        findings = self.lines().invoice_id.finding_ids
        findings.action_dispute()
        self.assertEqual(len(findings.dispute_id.finding_ids), 6)
        rows = self.cells(findings.dispute_id._write_table())
        self.assertIn("4.00", rows[1])
        self.assertNoFormula(rows)

    # === WHO === #

    def test_the_clerk_cannot_write_the_list_or_lift_the_end(self):
        record = self.imported(self.spoilt())
        with self.assertRaises(AccessError):
            record.refusal_ids.unlink()
        with self.assertRaisesRegex(UserError, "as a new file"):
            record.file = base64.b64encode(table(ups_row("1ZDEMO1", "1.00", FUEL)))
