import gc
import time
from contextlib import closing, contextmanager
from functools import partial
from io import BytesIO

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.shipment_visibility.transaction import own_transaction

from ..invoices.base import detect, formats
from ..invoices.batches import TooManyRefused, ahead, batches, lanes
from ..invoices.document import InvoiceFileError
from ..invoices.mapped import Mapped
from ..invoices.reading.archive import members
from .shipment_carrier_invoice_file import BEGINNING

# Lines that are stored in one transaction.
BATCH_SIZE = 8_000
# Transactions at once: while the database stores one, the next is prepared.
LANES = 3
# After which a job hands over to a successor.
SECONDS = 45
# Until a job asks again whether another file of the company is still being read.
SECONDS_TO_WAIT = 10


class ShipmentCarrierInvoiceFile(models.Model):
    """Reading a file by jobs: once to store it, or before that once to see what is wrong."""

    _inherit = "shipment.carrier.invoice.file"

    is_stalled = fields.Boolean(
        compute="_compute_is_stalled",
        help="It is to be imported, and no job is left that does it.",
    )

    @api.depends("state")
    def _compute_is_stalled(self):
        # Whether a job is left is no secret, though jobs are for administrators.
        jobs_sudo = self.env["queue.job"].sudo()
        busy = jobs_sudo.search_fetch(
            [
                ("identity_key", "in", [record._job_key() for record in self]),
                ("state", "not in", ("done", "failed", "cancelled")),
            ],
            ["identity_key"],
        )
        keys = set(busy.mapped("identity_key"))
        for record in self:
            is_running = record.state == "running"
            record.is_stalled = is_running and record._job_key() not in keys

    def _job_key(self):
        return f"shipment-carrier-invoice-file-{self.id}"

    def _enqueue(self):
        # What is read becomes invoices and lists, which users do not write.
        self.sudo().with_delay(
            identity_key=self._job_key(),
            description=self.env._(
                "Import carrier invoices of %(file)s", file=self.name
            ),
        )._job_import()

    def _job_import(self):
        """Read for a minute, and hand over. Safe to repeat: what is known stays."""
        self.ensure_one()
        if not self._locked(self._job_key()) or self._read_now("state") != ("running",):
            return None
        # Two files may name the same invoice: one after the other.
        if not self._locked(f"shipment-carrier-invoice-files-of-{self.company_id.id}"):
            raise RetryableJobError(
                self.env._("Another file is being imported; this one comes next."),
                seconds=SECONDS_TO_WAIT,
                ignore_retry=True,
            )
        deadline = time.monotonic() + SECONDS
        try:
            with closing(self._open()) as stream, _heap_set_aside():
                is_read = self._read_part(stream, deadline)
        except TooManyRefused as error:
            return self._stop(
                self.env._(
                    "More than %(count)s rows cannot be read: this is not the file it was "
                    "taken for. %(error)s",
                    count=error.limit,
                    error=error.last,
                )
            )
        except (InvoiceFileError, UserError) as error:
            return self._stop(str(error))
        self.invalidate_recordset()
        if not is_read:
            self._enqueue()
        (row,) = self._read_now("read_until")
        return self.env._("up to row %(row)s", row=row)

    def _locked(self, key):
        """Whether no other job has this key until this one ends."""
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key]
        )
        return self.env.cr.fetchone()[0]

    def _read_now(self, *names):
        """Return what is committed now: the job sees the database as it was at its begin."""
        with own_transaction(self.env) as env:
            record = env[self._name].browse(self.id)
            return tuple(record[name] for name in names)

    def _stop(self, trouble):
        """What has been read is kept; the rest waits for a file that can be read."""
        with own_transaction(self.env) as env:
            record = env[self._name].browse(self.id)
            values = {"state": "failed", "trouble": trouble}
            if not record.invoice_ids:
                # Nothing was stored: it begins anew, with the same or another choice.
                values |= BEGINNING
            record.write(values)
        self.invalidate_recordset()
        return trouble

    def _read_part(self, stream, deadline):
        """Check or store the lines behind those that are done, for a while.

        :return: whether the file is done.
        """
        on_error, is_checked = self._read_now("on_error", "is_checked")
        if on_error == "refuse" and not is_checked:
            if not self._read_members(stream, deadline, self._checking):
                return False
            with own_transaction(self.env) as env:
                env[self._name].browse(self.id)._conclude_check()
        # What is known of invoices once, holds for the batches to come.
        storing = partial(self._storing, {})
        if not self._read_members(stream, deadline, storing):
            return False
        with own_transaction(self.env) as env:
            env[self._name].browse(self.id)._finish()
        return True

    def _read_members(self, stream, deadline, take):
        size = stream.seek(0, 2) or 1
        stream.seek(0)
        done, begin = self._read_now("read_members", "read_until")
        for place, member in enumerate(members(stream)):
            # Each file of an archive is one that could have been sent alone.
            if place < done:
                continue
            lines = self._find_format(member.head).read(member.stream)
            with lanes(LANES) as put:
                for batch in ahead(batches(lines, begin, BATCH_SIZE)):
                    put(take(batch, member.name, 100 * stream.tell() / size))
                    if time.monotonic() > deadline:
                        return False
            self._pass_over(place)
            begin = 0
        return True

    # === CHECKING === #

    def _checking(self, batch, member, progress):
        return partial(self._check_batch, batch, member, progress)

    def _check_batch(self, batch, member, progress, wait):
        """Note what is wrong, as far as that can be said before anything is stored."""
        wait()
        with own_transaction(self.env) as env:
            record = env[self._name].browse(self.id)
            for code in {head.carrier for head, _currency in batch.heads}:
                record._find_carrier(code)
            currencies = {head.currency for head, _currency in batch.heads}
            for code in currencies | {currency for _head, currency in batch.heads}:
                env["shipment.carrier.invoice"]._get_currency(code, record.currency_id)
            record._note(batch, member, progress / 2)

    def _conclude_check(self):
        if self.refusal_ids:
            raise UserError(
                self.env._(
                    "Rows that cannot be read: %(count)s. Nothing of the file was stored.",
                    count=self.refusal_count,
                )
            )
        self.write({**BEGINNING, "is_checked": True})

    # === STORING === #

    def _storing(self, terms, batch, member, progress):
        """Have the invoices of a batch at hand, so that its lines can be stored beside others.

        :param terms: ``{(head, currency code): terms}``, completed
        """
        new = batch.heads - terms.keys()
        if new:
            with own_transaction(self.env) as env:
                record = env[self._name].browse(self.id)
                terms |= env["shipment.carrier.invoice"]._get_terms(
                    record.company_id, record._find_carrier, new, record.currency_id
                )
                record.invoice_ids = [
                    Command.link(terms[key].invoice_id) for key in new
                ]
        return partial(self._store_batch, terms, batch, member, progress)

    def _store_batch(self, terms, batch, member, progress, wait):
        with own_transaction(self.env) as env:
            stored = env["shipment.carrier.invoice.line"]._store(batch.lines, terms)
            # Rows that all batches write are written, and read, one batch after the other.
            wait()
            env["shipment.carrier.invoice"].browse(stored.invoice_ids)._reopen()
            record = env[self._name].browse(self.id)
            record.write(
                {
                    "line_count": record.line_count + stored.new,
                    "known_count": record.known_count + stored.known,
                    "unmatched_count": record.unmatched_count + stored.unmatched,
                }
            )
            if record.is_checked:
                progress = 50 + progress / 2
            record._note(batch, member, progress)

    def _note(self, batch, member, progress):
        """Note how far the file is done, and what could not be read on the way."""
        self.write({"read_until": batch.row, "progress": progress})
        self.env["shipment.carrier.invoice.refusal"].create(
            [
                {
                    "file_id": self.id,
                    "member": member,
                    "row": error.row,
                    "reason": str(error),
                }
                for error in batch.errors
            ]
        )

    def _pass_over(self, place):
        with own_transaction(self.env) as env:
            env[self._name].browse(self.id).write(
                {"read_members": place + 1, "read_until": 0}
            )

    def _finish(self):
        """All is read: what is new in its invoices is checked."""
        if not self.invoice_ids:
            raise UserError(
                self.env._("No row of the file could be read.")
                if self.refusal_ids
                else self.env._("The file holds no charges.")
            )
        self.write({"state": "done", "progress": 100})
        self._audit_later()

    def _audit_later(self):
        self.with_delay(
            description=self.env._(
                "Check the carrier invoices of %(file)s", file=self.name
            )
        )._job_audit()

    def _job_audit(self):
        """Have each invoice checked by a job of its own: there may be thousands."""
        self.invoice_ids.filtered(
            lambda invoice: invoice.state in ("imported", "review")
        )._audit_later()

    # === WHAT IT IS === #

    def _find_carrier(self, code):
        """Return the carrier whose invoices these are.

        :raise UserError: nobody knows, or it is another one's than was chosen.
        """
        named = self.env["shipment.carrier"].search(
            [("code", "=", code or "")], limit=1
        )
        carrier = self.carrier_id or named
        if not carrier:
            raise UserError(
                self.env._("Choose the carrier: the file does not say whose it is.")
            )
        if named and carrier != named:
            raise UserError(
                self.env._(
                    "These are invoices of %(named)s, and %(chosen)s was chosen. Choose the "
                    "carrier again, or another file.",
                    named=named.name,
                    chosen=carrier.name,
                )
            )
        return carrier

    def _find_format(self, head):
        """Return the format that was chosen, or that the file looks like.

        :raise InvoiceFileError: it looks like none, or like another one.
        """
        if self.layout_id:
            return Mapped(self.layout_id._get_mapping())
        if not self.format:
            return detect(head)()
        known = formats()
        chosen = known[self.format]
        others = [each.title for each in known.values() if each.recognise(head)]
        if others and chosen.title not in others:
            raise InvoiceFileError(
                self.env._(
                    "The file looks like %(found)s, and %(chosen)s was chosen. Choose the "
                    "format again, or another file.",
                    found=", ".join(others),
                    chosen=chosen.title,
                )
            )
        return chosen()

    def _attachment(self):
        # The file belongs to the record, whoever may read that.
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("res_field", "=", "file"),
                ],
                limit=1,
            )
        )

    def _open(self):
        """Open the content, without loading it where Odoo keeps it as a file."""
        attachment = self._attachment()
        if attachment.store_fname:
            return open(attachment._full_path(attachment.store_fname), "rb")
        return BytesIO(attachment.raw or b"")


@contextmanager
def _heap_set_aside():
    """Keep what Odoo has loaded from being searched for garbage again and again meanwhile.

    Lines come and go by the hundred thousand, and each search takes as long as there are
    objects: a sixth of the time of a large file.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
