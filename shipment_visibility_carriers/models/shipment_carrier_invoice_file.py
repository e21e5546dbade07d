import time
from contextlib import closing
from io import BytesIO

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.shipment_visibility.transaction import own_transaction

from ..invoices.base import detect, formats
from ..invoices.document import InvoiceFileError
from ..invoices.mapped import Mapped
from ..invoices.occurrences import numbered
from ..invoices.reading.archive import members

# Lines that are stored in one transaction.
BATCH_SIZE = 2_000
# After which a job hands over to a successor.
SECONDS = 60
# A file with more rows that cannot be read is not what it was taken for.
MOST_REFUSED = 1_000


class ShipmentCarrierInvoiceFile(models.Model):
    """A file of invoices as a carrier sent it, and how far it has been read.

    It is read from front to back by jobs. Each batch of lines is stored in a transaction of
    its own, together with how far it goes; a line that is known is left as it is. So a file
    may be broken off, sent twice, or sent in parts.
    """

    _name = "shipment.carrier.invoice.file"
    _description = "Carrier Invoice File"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="File Name", required=True)
    file = fields.Binary(required=True, attachment=True)
    digest = fields.Char(readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    format = fields.Selection(
        selection="_selection_format", help="Empty: as the file looks like."
    )
    layout_id = fields.Many2one(
        "shipment.carrier.invoice.layout",
        string="Mapped Columns",
        check_company=True,
        help="For a table that is in none of the known formats.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of invoices that name none.",
    )
    carrier_id = fields.Many2one(
        "shipment.carrier",
        compute="_compute_carrier_id",
        store=True,
        readonly=False,
        help="Where the format does not say whose invoice it is.",
    )
    state = fields.Selection(
        [
            ("draft", "To Import"),
            ("running", "Importing"),
            ("done", "Imported"),
            ("failed", "Stopped"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    trouble = fields.Char(string="What Is Wrong", readonly=True, copy=False)
    read_until = fields.Integer(string="Read Until Row", readonly=True, copy=False)
    read_members = fields.Integer(
        string="Files Read", readonly=True, copy=False, help="Of an archive."
    )
    refusal_ids = fields.One2many(
        "shipment.carrier.invoice.refusal",
        "file_id",
        string="Rows That Could Not Be Read",
        readonly=True,
        copy=False,
    )
    refusal_count = fields.Integer(compute="_compute_refusal_count")
    line_count = fields.Integer(string="Lines", readonly=True, copy=False)
    known_count = fields.Integer(string="Known Before", readonly=True, copy=False)
    unmatched_count = fields.Integer(string="Unmatched", readonly=True, copy=False)
    invoice_ids = fields.Many2many(
        "shipment.carrier.invoice",
        "shipment_carrier_invoice_file_rel",
        "file_id",
        "invoice_id",
        string="Invoices",
        readonly=True,
        copy=False,
    )
    invoice_count = fields.Integer(compute="_compute_invoice_count")

    _digest_idx = models.Index("(company_id, digest)")

    @api.model
    def _selection_format(self):
        return [
            (code, one.title)
            for code, one in sorted(formats().items())
            if not one.needs_mapping
        ]

    @api.depends("layout_id")
    def _compute_carrier_id(self):
        for record in self:
            record.carrier_id = record.carrier_id or record.layout_id.carrier_id

    @api.depends("refusal_ids")
    def _compute_refusal_count(self):
        for record in self:
            record.refusal_count = len(record.refusal_ids)

    @api.depends("invoice_ids")
    def _compute_invoice_count(self):
        for record in self:
            record.invoice_count = len(record.invoice_ids)

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to know a file again."""
        records = super().create(vals_list)
        for record in records:
            record.digest = record._attachment().checksum
        return records

    # === READING === #

    def action_import(self):
        """Have the file read in the background."""
        for record in self:
            # Pressed twice at once, it is begun once.
            record.lock_for_update()
            if record.state == "running":
                raise UserError(self.env._("This file is being imported."))
            record._check_new()
            record.write({"state": "running", "trouble": False})
            record._enqueue()
        return True

    def _check_new(self):
        """The very same file is most likely a mistake, and would change nothing."""
        twin = self.search(
            [
                ("id", "!=", self.id),
                ("company_id", "=", self.company_id.id),
                ("digest", "=", self.digest),
                ("state", "=", "done"),
            ],
            limit=1,
        )
        if twin:
            raise UserError(
                self.env._(
                    "This file was imported already, as %(file)s on %(date)s.",
                    file=twin.name,
                    date=fields.Date.to_string(twin.create_date),
                )
            )

    def _enqueue(self):
        self.with_delay(
            description=self.env._(
                "Import carrier invoices of %(file)s", file=self.name
            )
        )._job_import()

    def _job_import(self):
        """Store lines for a minute, and hand over. Safe to repeat: what is known stays."""
        self.ensure_one()
        if self.state != "running":
            return None
        try:
            with closing(self._open()) as stream:
                is_read = self._import_part(stream)
        except (InvoiceFileError, UserError) as error:
            self._stop(str(error))
            return self.trouble
        self.invalidate_recordset()
        if not is_read:
            self._enqueue()
        return self.env._("up to row %(row)s", row=self.read_until)

    def _stop(self, trouble):
        """What has been read is kept; the rest waits for a file that can be read."""
        with own_transaction(self.env) as env:
            env[self._name].browse(self.id).write(
                {"state": "failed", "trouble": trouble}
            )
        self.invalidate_recordset()

    def _import_part(self, stream):
        """Store the lines behind those that are stored, for a while.

        :return: whether the file has been read to its end.
        """
        deadline = time.monotonic() + SECONDS
        for place, member in enumerate(members(stream)):
            # Each file of an archive is one that could have been sent alone.
            if place < self.read_members:
                continue
            for batch in split_every(
                BATCH_SIZE, self._read_member(member.stream), list
            ):
                self._store_batch(batch)
                if time.monotonic() > deadline:
                    return False
            self._pass_over(place)
        with own_transaction(self.env) as env:
            env[self._name].browse(self.id)._finish()
        return True

    def _read_member(self, member):
        """Yield what has not been stored: lines with their ordinals, and rows in error."""
        lines = self._find_format(member.head).read(member.stream)
        counted, begin, refused = {}, self.read_until, 0
        while True:
            try:
                line = next(lines, None)
            except InvoiceFileError as error:
                refused += 1
                if error.row is None or refused > MOST_REFUSED:
                    raise
                if error.row > begin:
                    yield error, 0
                continue
            if line is None:
                return
            ((_line, ordinal),) = numbered([line], counted)
            # The batch before may have ended within a row: what is known of it stays.
            if line.row >= begin:
                yield line, ordinal

    def _store_batch(self, batch):
        lines = [found for found in batch if not isinstance(found[0], InvoiceFileError)]
        errors = [found[0] for found in batch if isinstance(found[0], InvoiceFileError)]
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
            record._note(batch[-1][0].row, stored, errors)
        self.invalidate_recordset()

    def _note(self, row, stored, errors):
        self.write(
            {
                "read_until": row,
                "line_count": self.line_count + stored.new,
                "known_count": self.known_count + stored.known,
                "unmatched_count": self.unmatched_count + stored.unmatched,
                "invoice_ids": [
                    Command.link(invoice) for invoice in stored.invoice_ids
                ],
                "refusal_ids": [
                    Command.create({"row": error.row, "reason": str(error)})
                    for error in errors
                ],
            }
        )

    def _pass_over(self, place):
        with own_transaction(self.env) as env:
            env[self._name].browse(self.id).write(
                {"read_members": place + 1, "read_until": 0}
            )
        self.invalidate_recordset()

    def _finish(self):
        """All is read: what is new in its invoices is checked."""
        self.state = "done"
        self.invoice_ids.filtered(
            lambda invoice: invoice.state in ("imported", "review")
        )._audit_later()

    def _find_carrier(self, code):
        """Return the carrier whose invoices these are.

        :raise UserError: nobody knows.
        """
        carrier = self.carrier_id or self.env["shipment.carrier"].search(
            [("code", "=", code or "")], limit=1
        )
        if not carrier:
            raise UserError(
                self.env._("Choose the carrier: the file does not say whose it is.")
            )
        return carrier

    def _find_format(self, head):
        """Return the format that was chosen, or that the file looks like.

        :raise InvoiceFileError: it looks like none.
        """
        if self.layout_id:
            return Mapped(self.layout_id._get_mapping())
        if self.format:
            return formats()[self.format]()
        return detect(head)()

    def action_view_invoices(self):
        """Open what was found in the file."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_carrier_invoice_action"
        )
        action["domain"] = [("id", "in", self.invoice_ids.ids)]
        action["context"] = {}
        return action

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


class ShipmentCarrierInvoiceRefusal(models.Model):
    """A row of a file that could not be read, and why."""

    _name = "shipment.carrier.invoice.refusal"
    _description = "Refused Row"
    _order = "file_id desc, row, id"

    file_id = fields.Many2one(
        "shipment.carrier.invoice.file", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="file_id.company_id", store=True)
    row = fields.Integer(required=True)
    reason = fields.Char(required=True)
