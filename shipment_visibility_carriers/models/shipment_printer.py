from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..printing.base import MIMETYPES, Printer, PrinterAway, PrinterError, PrintRefused
from ..printing.ipp import IppPrinter
from ..printing.raw import RAW_PORT, RawPrinter
from ..printing.test_page import make_test_page

OCA_MODEL = "printing.printer"


class ShipmentPrinter(models.Model):
    """A printer that the server reaches by itself, without a dialog in the browser."""

    _name = "shipment.printer"
    _description = "Label Printer"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        help="Empty: all companies print here.",
    )
    kind = fields.Selection(
        "_selection_kind", string="Connection", required=True, default="raw"
    )
    host = fields.Char(help="The printer's name in the network, or its IP address.")
    port = fields.Integer(default=RAW_PORT)
    uri = fields.Char(
        string="IPP Address",
        help="As the printer shows it: ipp://printer:631/ipp/print",
    )
    verify_certificate = fields.Boolean(
        default=True,
        help="Whether an encrypted connection must show a valid certificate. Many "
        "printers come with one of their own making.",
    )
    oca_printer = fields.Selection(
        "_selection_oca_printer", string="Printer of the Print Server"
    )
    takes_zpl = fields.Boolean(string="Takes ZPL", default=True)
    takes_pdf = fields.Boolean(string="Takes PDF")
    away_since = fields.Datetime(
        readonly=True, copy=False, help="Since when it cannot be reached."
    )
    next_try_at = fields.Datetime(string="Next Try", readonly=True, copy=False)
    job_ids = fields.One2many("shipment.print.job", "printer_id", readonly=True)
    waiting_count = fields.Integer(compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")

    @api.model
    def _selection_kind(self):
        kinds = [("raw", self.env._("Network (raw, port 9100)")), ("ipp", "IPP")]
        if self._get_oca_model() is not None:
            kinds.append(("oca", self.env._("Print server (base_report_to_printer)")))
        return kinds

    @api.model
    def _selection_oca_printer(self):
        model = self._get_oca_model()
        if model is None:
            return []
        return [(str(printer.id), printer.display_name) for printer in model.search([])]

    @api.model
    def _get_oca_model(self):
        """OCA's printers where that addon is installed; ours does not depend on it."""
        return self.env[OCA_MODEL] if OCA_MODEL in self.env.registry else None

    @api.depends("job_ids.state")
    def _compute_counts(self):
        counts = {
            (printer.id, state): count
            for printer, state, count in self.env["shipment.print.job"]._read_group(
                [
                    ("printer_id", "in", self.ids),
                    ("state", "in", ("waiting", "failed")),
                ],
                ["printer_id", "state"],
                ["__count"],
            )
        }
        for printer in self:
            printer.waiting_count = counts.get((printer.id, "waiting"), 0)
            printer.failed_count = counts.get((printer.id, "failed"), 0)

    @api.constrains("kind", "host", "port", "uri", "oca_printer")
    def _check_connection(self):
        for printer in self:
            if problem := printer._get_connection_problem():
                raise ValidationError(
                    self.env._(
                        "%(printer)s: %(problem)s",
                        printer=printer.name,
                        problem=problem,
                    )
                )

    def _get_connection_problem(self):
        if self.kind == "raw" and not (self.host and 0 < self.port < 65536):
            return self.env._("A network printer needs a host and a port.")
        if self.kind == "oca" and not self.oca_printer:
            return self.env._("Choose a printer of the print server.")
        if self.kind == "ipp":
            address = urlsplit(self.uri or "")
            if address.scheme not in ("ipp", "ipps") or not address.hostname:
                return self.env._(
                    "An IPP address looks like ipp://printer:631/ipp/print."
                )
        return None

    @api.constrains("takes_zpl", "takes_pdf")
    def _check_formats(self):
        for printer in self:
            if not (printer.takes_zpl or printer.takes_pdf):
                raise ValidationError(
                    self.env._("%s must take PDF or ZPL.", printer.name)
                )

    def _takes(self, mimetype):
        return (self.takes_pdf and mimetype == MIMETYPES["PDF"]) or (
            self.takes_zpl and mimetype == MIMETYPES["ZPL"]
        )

    @api.onchange("kind")
    def _onchange_kind(self):
        """Label printers take ZPL as it is, office printers and print servers PDF."""
        self.takes_zpl = self.kind == "raw"
        self.takes_pdf = self.kind != "raw"

    # === PRINTING === #

    def _make_printer(self):
        """The printer as a plain object, which knows nothing of Odoo.

        :raise PrintRefused: it is archived, or its connection is no longer known here.
        """
        self.ensure_one()
        if not self.active:
            raise PrintRefused(self.env._("%s is archived.", self.name))
        if self.kind == "raw":
            return RawPrinter(self.name, self.host, self.port)
        if self.kind == "ipp":
            return IppPrinter(self.name, self.uri, self.verify_certificate)
        model = self._get_oca_model()
        # Whether somebody may print is decided by who may print labels.
        printer = model is not None and model.sudo().browse(int(self.oca_printer))
        if not printer or not printer.exists():
            raise PrintRefused(
                self.env._("%s: the print server does not know it any more.", self.name)
            )
        return OcaPrinter(self.name, printer)

    def action_print_test_page(self):
        """Print a page now, and say whether the printer took it."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("Only warehouse users print test pages."))
        mimetype = MIMETYPES["ZPL" if self.takes_zpl else "PDF"]
        lines = [self.name, self.env.company.name, self.env.user.name]
        title = self.env._("Test page")
        try:
            self._make_printer().print(make_test_page(mimetype, lines), mimetype, title)
        except PrinterError as error:
            raise UserError(str(error)) from None
        return self._notify(self.env._("A test page was sent to %s.", self.name))

    def action_try_now(self):
        """Do not wait for the next try: the printer is back."""
        self.check_access("read")
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("Only warehouse users print labels."))
        self._wake()

    def action_view_jobs(self):
        """Open what waits for this printer, what failed and what it has printed."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_print_job_action"
        )
        action["domain"] = [("printer_id", "=", self.id)]
        action["context"] = {}
        return action

    @api.model
    def _notify(self, message, **params):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, **params},
        }


class OcaPrinter(Printer):
    """A printer of OCA's ``base_report_to_printer``, which hands the document to CUPS."""

    def __init__(self, name, printer):
        super().__init__(name)
        self.printer = printer

    def print(self, content, mimetype, title):
        """See :meth:`Printer.print`. CUPS has a queue of its own and does not lose it."""
        is_raw = mimetype == MIMETYPES["ZPL"]
        options = {"doc_format": "raw"} if is_raw else {}
        try:
            self.printer.print_document(None, content, title=title, **options)
        except UserError as error:
            # What OCA raises when the print server cannot be reached.
            raise PrinterAway(f"{self.name}: {error}") from error
        except Exception as error:
            raise PrintRefused(f"{self.name}: {type(error).__name__}") from error
