from odoo import api, fields, models
from odoo.exceptions import UserError

from ..invoices.base import formats

# What a file is read from, and where reading begins.
CONTENT = {"file", "format", "layout_id"}
BEGINNING = {
    "read_until": 0,
    "read_members": 0,
    "progress": 0,
    "is_checked": False,
}


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
    on_error = fields.Selection(
        [
            ("keep", "Keep the good rows"),
            ("refuse", "Refuse the whole file"),
        ],
        string="When Rows Are Wrong",
        required=True,
        default="keep",
        help="Refuse the whole file: it is read to its end before anything of it is stored.",
    )
    # It was read to its end, and nothing was wrong with it.
    is_checked = fields.Boolean(readonly=True, copy=False)
    progress = fields.Float(readonly=True, copy=False, help="Percent of the file.")
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

    def write(self, vals):
        """Override of Odoo to read another file, or in another format, from its beginning."""
        if "on_error" in vals and any(
            record.invoice_ids and record.on_error != vals["on_error"]
            for record in self
        ):
            raise UserError(
                self.env._(
                    "Some of the file is stored already: its good rows are kept."
                )
            )
        if not CONTENT & vals.keys():
            return super().write(vals)
        if any(record.state in ("running", "done") for record in self):
            raise UserError(
                self.env._(
                    "This file has been read. Upload the other one as a new file."
                )
            )
        result = super().write({**vals, **BEGINNING})
        # The list of what was wrong with the file is not the user's to write.
        self.sudo().refusal_ids.unlink()
        if "file" in vals:
            for record in self:
                record.digest = record._attachment().checksum
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(record.state == "running" for record in self):
            raise UserError(
                self.env._("Wait until the file is imported before you delete it.")
            )

    def action_import(self):
        """Have the file read in the background."""
        for record in self:
            # Pressed twice at once, it is begun once.
            record.lock_for_update()
            if record.state == "running" and not record.is_stalled:
                raise UserError(self.env._("This file is being imported."))
            record._check_new()
            if not record.read_until and not record.read_members:
                # The list of what was wrong is made anew; it is not the user's to write.
                record.sudo().refusal_ids.unlink()
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
                # With another layout, more of it can perhaps be read.
                ("refusal_ids", "=", False),
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

    def action_view_invoices(self):
        """Open what was found in the file."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_carrier_invoice_action"
        )
        action["domain"] = [("id", "in", self.invoice_ids.ids)]
        action["context"] = {}
        return action
