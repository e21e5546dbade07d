import tempfile
from contextlib import closing
from pathlib import Path
from random import Random
from unittest import skipUnless
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..models import shipment_carrier_invoice_reading as reading
from .invoice_file_common import (
    FREIGHT,
    FUEL,
    RESIDENTIAL,
    InvoiceFileCase,
    table,
    ups_row,
    zipped,
)

try:
    from dev import freight
except ImportError:  # The addon alone, without what stands beside it.
    freight = None


@tagged("post_install", "-at_install")
class TestCarrierInvoiceFiles(InvoiceFileCase):
    """Files of carriers are imported to the cent, each line once, however they come."""

    # === LONG FILES === #

    def generated(self, layout, lines):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        path = folder / layout
        return path, freight.write(layout, path, lines, seed=3)

    def check_generated(self, layout, lines, **values):
        path, truth = self.generated(layout, lines)
        record = self.imported(path.read_bytes(), **values)
        self.assertEqual((record.state, record.trouble), ("done", False))
        self.assertEqual(record.line_count, truth.lines)
        self.assertFalse(record.refusal_ids)
        found = {
            invoice.name: f"{invoice.net_total + invoice.tax_total:.2f}"
            for invoice in record.invoice_ids
        }
        self.assertEqual(
            found, {number: f"{total:.2f}" for number, total in truth.totals.items()}
        )
        families = self.env["shipment.carrier.invoice.line"]._read_group(
            [("invoice_id", "in", record.invoice_ids.ids)], ["family"], ["__count"]
        )
        self.assertEqual(dict(families), dict(truth.families))
        return record

    @skipUnless(freight, "The generators stand beside the addons.")
    def test_twenty_thousand_lines_of_ups_agree_to_the_cent(self):
        record = self.check_generated("ups_billing", 20_000)
        self.assertFalse(record.invoice_ids.filtered("difference"))
        self.assertEqual(record.invoice_ids.carrier_id, self.carrier)
        self.assertEqual(record.progress, 100)

    @skipUnless(freight, "The generators stand beside the addons.")
    def test_twenty_thousand_lines_of_fedex_agree_to_the_cent(self):
        carrier = self.env["shipment.carrier"]._get_or_create("fedex", "FedEx")
        record = self.check_generated("fedex_billing", 20_000)
        self.assertFalse(record.invoice_ids.filtered("difference"))
        self.assertEqual(record.invoice_ids.carrier_id, carrier)

    @skipUnless(freight, "The generators stand beside the addons.")
    def test_the_other_layouts_agree_to_the_cent(self):
        dhl = self._named_in("dhl_example")
        for layout, carrier in (("dhl_express", dhl), ("x12_210", self.carrier)):
            with self.subTest(layout), closing(self.env.cr.savepoint()):
                record = self.check_generated(layout, 2_000, carrier_id=carrier.id)
                self.assertFalse(record.invoice_ids.filtered("difference"))

    def _named_in(self, layout):
        return self.env["shipment.carrier"].create({"name": layout, "code": layout})

    @skipUnless(freight, "The generators stand beside the addons.")
    def test_a_table_with_mapped_columns_agrees_to_the_cent(self):
        mapping = freight.mapped.MAPPING
        layout = self.env["shipment.carrier.invoice.layout"].create(
            {
                "name": "Kleinspedition",
                "carrier_id": self._named_in("demo").id,
                "date_format": mapping["date_format"],
                "column_ids": [
                    (0, 0, {"target": target, "column": str(column)})
                    for target, column in mapping["columns"].items()
                ]
                + [
                    (0, 0, {"target": target, "constant": constant})
                    for target, constant in mapping["constants"].items()
                    if target != "carrier"
                ],
                "family_ids": [
                    (0, 0, {"code": code, "family": family})
                    for code, family in mapping["families"].items()
                ],
            }
        )
        self.check_generated("mapped", 2_000, layout_id=layout.id)

    # === ONCE, HOWEVER IT COMES === #

    def parcels(self, seed):
        """Rows by parcel, on two invoices; some parcels are billed above what was booked."""
        random = Random(seed)
        rows = {}
        for place in range(8):
            number = f"1ZDEMO{seed:04}{place:04}"
            booked = random.randint(500, 3000)
            self.make_shipment(number, {"freight": booked / 100, "fuel": 1.0})
            invoice = f"INV-{place % 2}"
            billed = booked + random.choice((0, 0, 250, -40))
            own = rows[number] = [
                ups_row(number, f"{billed / 100:.2f}", FREIGHT, invoice),
                ups_row(number, "1.00", FUEL, invoice),
            ]
            if random.random() < 0.5:
                own.append(ups_row(number, "4.10", RESIDENTIAL, invoice))
            if random.random() < 0.3:
                # The carrier charges the very same twice.
                own.append(own[1])
        return rows

    def outcome(self, *files):
        """What is charged, found and billed when these files are imported, and forget it."""
        with closing(self.env.cr.savepoint()):
            invoices = self.env["shipment.carrier.invoice"]
            for name, content in files:
                record = self.imported(content, name=name)
                self.assertEqual(record.state, "done", record.trouble)
                invoices |= record.sudo().invoice_ids
            charges = invoices.line_ids.charge_ids.mapped(
                lambda charge: (
                    charge.package_id.tracking_number,
                    charge.kind,
                    charge.family,
                    f"{charge.amount:.2f}",
                )
            )
            findings = invoices.finding_ids.mapped(
                lambda found: (found.rule, found.tracking_number, f"{found.amount:.2f}")
            )
            invoices.action_approve()
            invoices.action_post()
            bills = invoices.move_ids.invoice_line_ids.mapped(
                lambda line: (line.move_id.ref, line.name, f"{line.price_subtotal:.2f}")
            )
            self.env.flush_all()
        self.env.invalidate_all()
        return sorted(charges), sorted(findings), sorted(bills)

    def test_split_repeated_reordered_or_zipped_it_is_the_same(self):
        for seed in range(2):
            parcels = self.parcels(seed)
            random = Random(seed)
            rows = [row for own in parcels.values() for row in own]
            whole = self.outcome(("whole.csv", table(*rows)))
            charges, findings, bills = whole
            self.assertEqual(len(charges), len(rows))
            self.assertTrue(findings and bills)
            shuffled = random.sample(rows, len(rows))
            numbers = random.sample(list(parcels), len(parcels))
            cut = random.randint(1, len(numbers) - 1)
            parts = [
                (
                    f"{place}.csv",
                    table(*(row for number in own for row in parcels[number])),
                )
                for place, own in enumerate((numbers[:cut], numbers[cut:]))
            ]
            overlapping = [*parts, ("again.csv", table(*rows[len(rows) // 3 :]))]
            for name, files in (
                ("split", parts),
                ("split, the other way round", parts[::-1]),
                ("repeated in parts", overlapping),
                ("reordered", [("mixed.csv", table(*shuffled))]),
                ("zipped", [("both.zip", zipped(*parts))]),
                (
                    "zipped with itself",
                    [
                        (
                            "more.zip",
                            zipped(*parts, *((f"again {n}", c) for n, c in parts)),
                        )
                    ],
                ),
                (
                    "twice, in another order",
                    [("one.csv", table(*rows)), ("two.csv", table(*shuffled))],
                ),
            ):
                with self.subTest(name, seed=seed):
                    self.assertEqual(self.outcome(*files), whole)

    def test_the_very_same_file_is_not_imported_again(self):
        content = table(ups_row("1ZDEMO1", "9.50"))
        self.imported(content)
        with self.assertRaisesRegex(UserError, "imported already"):
            self.upload(content).action_import()

    def test_what_is_billed_is_a_cost_once_it_is_checked_or_approved(self):
        shipment = self.make_shipment("1ZDEMO1", carrier_id=self.carrier.id)
        for number, decide in (("INV-1", "action_audit"), ("INV-2", "action_approve")):
            record = self.upload(table(ups_row("1ZDEMO1", "9.50", invoice=number)))
            before = shipment.freight_invoiced
            with trap_jobs() as trap:
                record.action_import()
                self.perform(trap)
                self.assertEqual(record.state, "done")
                # It is read, and nobody has looked at it yet.
                self.assertAlmostEqual(shipment.freight_invoiced, before)
                trap.enqueued_jobs = []
                getattr(record.invoice_ids.sudo(), decide)()
                self.perform(trap)
            self.env.invalidate_all()
            self.assertAlmostEqual(shipment.freight_invoiced, before + 9.5)

    # === BROKEN OFF === #

    def test_a_job_that_is_killed_between_batches_or_within_one_is_begun_again(self):
        rows = [row for own in self.parcels(9).values() for row in own]
        whole = self.outcome(("whole.csv", table(*rows)))
        self.in_batches(3)
        files = type(self.env["shipment.carrier.invoice.file"])

        def killed(method, after):
            """Let the process end in the so manieth call, as a signal would."""
            original, calls = getattr(files, method), []

            def until(record, *arguments):
                calls.append(1)
                if len(calls) == after:
                    raise KeyboardInterrupt
                return original(record, *arguments)

            return patch.object(files, method, until)

        with closing(self.env.cr.savepoint()):
            record = self.upload(table(*rows))
            with trap_jobs():
                record.action_import()
                self.env.flush_all()
                for method, after in (
                    # Nothing was stored; one batch was; stored and not noted; all but the end.
                    ("_store_batch", 1),
                    ("_store_batch", 2),
                    ("_note", 1),
                    ("_note", 2),
                ):
                    with (
                        killed(method, after),
                        patch.object(reading, "SECONDS", 60),
                        self.assertRaises(KeyboardInterrupt),
                    ):
                        record.sudo()._job_import()
                    self.env.invalidate_all()
                    self.assertEqual(record.state, "running")
                while record.state == "running":
                    record.sudo()._job_import()
            self.assertEqual(record.state, "done")
            self.assertEqual((record.line_count, record.known_count), (len(rows), 0))
            self.assertEqual(len(self.lines()), len(rows))
        self.env.invalidate_all()
        self.assertEqual(self.outcome(("whole.csv", table(*rows))), whole)

    def test_the_form_tells_how_far_it_is(self):
        rows = [ups_row(f"1ZDEMO{place}", "1.00") for place in range(200)]
        record = self.upload(table(*rows))
        self.in_batches(50)
        told = []
        with trap_jobs() as trap:
            record.action_import()
            while record.state == "running":
                self.perform(trap)
                told.append((record.read_until, record.progress))
        rows_read = [row for row, _progress in told]
        self.assertEqual(rows_read[:4], [50, 100, 150, 200])
        self.assertEqual(told[-1][1], 100)
        percents = [progress for _row, progress in told]
        self.assertEqual(percents, sorted(percents))
        self.assertGreater(percents[0], 0)

    def test_a_file_is_begun_once_and_not_deleted_on_the_way(self):
        record = self.upload(table(ups_row("1ZDEMO1", "9.50")))
        record.action_import()
        self.assertEqual((record.state, record.is_stalled), ("running", False))
        with self.assertRaisesRegex(UserError, "being imported"):
            record.action_import()
        with self.assertRaisesRegex(UserError, "before you delete"):
            record.unlink()
        self.assertEqual(len(self.jobs(record)), 1)

    def test_a_file_whose_job_has_failed_can_be_gone_on_with(self):
        record = self.upload(table(ups_row("1ZDEMO1", "9.50")))
        record.action_import()
        self.jobs(record).state = "failed"
        record.invalidate_recordset()
        self.assertTrue(record.is_stalled)
        self.run_import(record)
        self.assertEqual((record.state, record.line_count), ("done", 1))
        self.assertFalse(record.is_stalled)

    def jobs(self, record):
        return self.env["queue.job"].search([("identity_key", "=", record._job_key())])

    # === AFTER THE DECISION === #

    def test_what_comes_after_the_bill_is_checked_and_billed_on_top(self):
        self.make_shipment("1ZDEMO1", {"freight": 9.5, "fuel": 1.0})
        first = [ups_row("1ZDEMO1", "9.50")]
        record = self.imported(table(*first))
        invoice = record.sudo().invoice_ids
        invoice.action_approve()
        invoice.action_post()
        again = self.imported(table(*first, ups_row("1ZDEMO1", "4.10", RESIDENTIAL)))
        self.assertEqual((again.line_count, again.known_count), (1, 1))
        self.assertEqual(invoice.state, "review")
        self.assertIn("residential", invoice.finding_ids.mapped("rule"))
        invoice.action_approve()
        invoice.action_post()
        self.assertEqual(
            invoice.move_ids.sorted("id").mapped("amount_untaxed"), [9.5, 4.1]
        )
