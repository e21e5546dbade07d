import base64
import csv
import io
import zipfile
from unittest.mock import patch

from odoo.addons.queue_job.tests.common import trap_jobs

from ..invoices import ups_billing as ups
from ..models import shipment_carrier_invoice_reading as reading
from .freight_common import FreightCase

FREIGHT = ("FRT", "003", "Ground Commercial")
FUEL = ("FSC", "FSC", "Fuel Surcharge")
RESIDENTIAL = ("ACC", "RES", "Residential Surcharge")


def ups_row(number, net, charge=FREIGHT, invoice="INV-1", **cells):
    """One charge in the layout of UPS; ``cells`` by the names of its columns."""
    classification, code, words = charge
    told = {
        "ACCOUNT": "0000DEMO01",
        "INVOICE_DATE": "3/2/26",
        "INVOICE_NUMBER": invoice,
        "TRANSACTION_DATE": "2/20/26",
        "PACKAGES": "1",
        "TRACKING_NUMBER": number,
        "ENTERED_WEIGHT": "4.4",
        "ENTERED_UNIT": "L",
        "CATEGORY": "SHP",
        "DETAIL": "WWS",
        "CLASSIFICATION": classification,
        "CODE": code,
        "DESCRIPTION": words,
        "NET": net,
        **cells,
    }
    row = [""] * ups.COLUMNS
    for name, text in told.items():
        row[getattr(ups, name)] = text
    return row


def table(*rows):
    """The bytes of a table."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def zipped(*members):
    """An archive of ``(name, content)``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


class InvoiceFileCase(FreightCase):
    """Files that a clerk uploads, and that jobs import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        carriers = cls.env["shipment.carrier"]
        cls.carrier = carriers._get_or_create("ups", "UPS")
        cls.carrier.vendor_id = cls.vendor
        cls.env["res.currency"].with_context(active_test=False).search(
            [("name", "in", ("USD", "EUR"))]
        ).active = True

    def upload(self, content, name="invoices.csv", **values):
        return (
            self.env["shipment.carrier.invoice.file"]
            .with_user(self.clerk)
            .create({"name": name, "file": base64.b64encode(content), **values})
        )

    def run_import(self, record):
        """Press the button, and have all done that follows from it."""
        with trap_jobs() as trap:
            record.action_import()
            while trap.enqueued_jobs:
                self.perform(trap)
        return record

    def perform(self, trap):
        """Do the jobs that wait; those of transactions that have ended in this one."""
        jobs, trap.enqueued_jobs = trap.enqueued_jobs, []
        self.env.flush_all()
        for job in jobs:
            env = self.env(user=job.recordset.env.uid, su=job.recordset.env.su)
            record = job.recordset.with_env(env)
            getattr(record, job.method_name)(*job.args, **job.kwargs)
        self.env.invalidate_all()

    def imported(self, content, **values):
        return self.run_import(self.upload(content, **values))

    def in_batches(self, size):
        """Store so few lines in a transaction, and hand over after each."""
        self.enterContext(patch.object(reading, "BATCH_SIZE", size))
        self.enterContext(patch.object(reading, "SECONDS", -1))

    def lines(self):
        return self.env["shipment.carrier.invoice.line"].search(
            [("carrier_id", "=", self.carrier.id)]
        )

    def refused(self, record):
        return record.refusal_ids.sorted("id").mapped(lambda one: (one.row, one.reason))
