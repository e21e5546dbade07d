import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.transaction import own_transaction

from ..invoices.base import detect, formats
from ..invoices.document import InvoiceFileError
from ..invoices.mapped import Mapped
from ..invoices.occurrences import numbered
from ..invoices.reading.archive import members
from .shipment_carrier_invoice_file import BEGINNING

# Lines that are stored in one transaction.
BATCH_SIZE = 2_000
# After which a job hands over to a successor.
SECONDS = 45
# A file with more rows that cannot be read is not what it was taken for.
MOST_REFUSED = 1_000


class TooManyRefused(Exception):
    """More rows than that cannot be read; the text is the last one's."""


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
        if not self._is_alone() or self._read_now("state") != ("running",):
            return None
        deadline = time.monotonic() + SECONDS
        try:
            with closing(self._open()) as stream:
                is_read = self._read_part(stream, deadline)
        except TooManyRefused as error:
            return self._stop(
                self.env._(
                    "More than %(count)s rows cannot be read: this is not the file it was "
                    "taken for. %(error)s",
                    count=MOST_REFUSED,
                    error=error,
                )
            )
        except (InvoiceFileError, UserError) as error:
            return self._stop(str(error))
        self.invalidate_recordset()
        if not is_read:
            self._enqueue()
        (row,) = self._read_now("read_until")
        return self.env._("up to row %(row)s", row=row)

    def _is_alone(self):
        """Whether no other job reads the file until this one ends."""
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [self._job_key()],
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
            if not self._read_members(stream, deadline, self._check_batch):
                return False
            with own_transaction(self.env) as env:
                env[self._name].browse(self.id)._conclude_check()
        if not self._read_members(stream, deadline, self._store_batch):
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
            for batch in _ahead(_batches(_found(lines, begin))):
                take(batch, member.name, 100 * stream.tell() / size)
                if time.monotonic() > deadline:
                    return False
            self._pass_over(place)
            begin = 0
        return True

    # === CHECKING === #

    def _check_batch(self, batch, member, progress):
        """Note what is wrong, as far as that can be said before anything is stored."""
        lines, errors = _sorted_out(batch)
        with own_transaction(self.env) as env:
            record = env[self._name].browse(self.id)
            heads = {line.invoice for line, _ordinal in lines}
            for code in {head.carrier for head in heads}:
                record._find_carrier(code)
            currencies = {line.currency for line, _ordinal in lines}
            for code in currencies | {head.currency for head in heads}:
                env["shipment.carrier.invoice"]._get_currency(code, record.currency_id)
            record._note(batch[-1][0].row, member, errors, progress / 2)

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

    def _store_batch(self, batch, member, progress):
        lines, errors = _sorted_out(batch)
        with own_transaction(self.env) as env:
            record = env[self._name].browse(self.id)
            # Two files may name the same invoice: one after the other.
            env.cr.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"shipment.carrier.invoice {record.company_id.id}"],
            )
            stored = env["shipment.carrier.invoice.line"]._store(
                record.company_id, record._find_carrier, lines, record.currency_id
            )
            record.write(
                {
                    "line_count": record.line_count + stored.new,
                    "known_count": record.known_count + stored.known,
                    "unmatched_count": record.unmatched_count + stored.unmatched,
                    "invoice_ids": [
                        Command.link(invoice) for invoice in stored.invoice_ids
                    ],
                }
            )
            if record.is_checked:
                progress = 50 + progress / 2
            record._note(batch[-1][0].row, member, errors, progress)

    def _note(self, row, member, errors, progress):
        """Note how far the file is done, and what could not be read on the way."""
        self.write({"read_until": row, "progress": progress})
        self.env["shipment.carrier.invoice.refusal"].create(
            [
                {
                    "file_id": self.id,
                    "member": member,
                    "row": error.row,
                    "reason": str(error),
                }
                for error in errors
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


def _found(lines, begin):
    """Yield what stands behind a row: lines with their ordinals, and rows in error.

    :raise TooManyRefused: the file is another one than it was taken for
    :raise InvoiceFileError: it cannot be read on
    """
    counted, refused = {}, 0
    while True:
        try:
            line = next(lines, None)
        except InvoiceFileError as error:
            refused += 1
            if error.row is None:
                raise
            if refused > MOST_REFUSED:
                raise TooManyRefused(str(error)) from error
            if error.row > begin:
                yield error, 0
            continue
        if line is None:
            return
        ((_line, ordinal),) = numbered([line], counted)
        if line.row > begin:
            yield line, ordinal


def _batches(found):
    """Yield lists of what was found; what ended the file is raised behind them.

    All lines of a row are in the same list, so that reading can go on behind a row.
    """
    batch, ended = [], None
    try:
        for one in found:
            if len(batch) >= BATCH_SIZE and one[0].row != batch[-1][0].row:
                yield batch
                batch = []
            batch.append(one)
    except (InvoiceFileError, TooManyRefused) as error:
        ended = error
    if batch:
        yield batch
    if ended:
        raise ended


def _ahead(batches):
    """Have the next batch read, which needs no database, while one is stored."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while batch := coming.result():
            coming = reader.submit(next, batches, None)
            yield batch


def _sorted_out(batch):
    """Return the lines with their ordinals, and the errors."""
    lines = [found for found in batch if not isinstance(found[0], InvoiceFileError)]
    errors = [found for found, _ordinal in batch if isinstance(found, InvoiceFileError)]
    return lines, errors
