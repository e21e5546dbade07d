import base64
from io import BytesIO
from itertools import islice
from typing import get_args

from pydantic import ValidationError as InvalidMapping

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.shipment_visibility.canonical.schema import CHARGE_FAMILIES
from odoo.addons.shipment_visibility.models.shipment_charge import FAMILIES

from ..invoices.document import InvoiceFileError
from ..invoices.mapped import Mapped
from ..invoices.mapping import ColumnMapping, Target
from ..invoices.reading.values import DATE_FORMATS

TARGETS = [
    (target, target.replace("_", " ").capitalize()) for target in get_args(Target)
]
# Of what a constant may be said for the whole file.
CONSTANTS = ("carrier", "account", "invoice_number", "currency")
PREVIEWED = 5


class ShipmentCarrierInvoiceLayout(models.Model):
    """Which column of a carrier's table is what; made once on screen, used for every file."""

    _name = "shipment.carrier.invoice.layout"
    _description = "Mapped Columns"
    _order = "carrier_id, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: for all companies.", index=True
    )
    carrier_id = fields.Many2one("shipment.carrier", required=True)
    header_row = fields.Integer(
        string="Row with Names",
        default=1,
        help="0: the table has no names, and columns are numbers from 1.",
    )
    sheet = fields.Char(help="Of a workbook; empty for the first.")
    delimiter = fields.Selection(
        [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")],
        help="Empty: as the file looks like.",
    )
    encoding = fields.Selection(
        [
            (name, name.upper())
            for name in ("utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16")
        ],
        help="Empty: as the file looks like.",
    )
    decimal_mark = fields.Selection(
        [(".", "Point"), (",", "Comma")], help="Empty: as the file looks like."
    )
    date_format = fields.Selection(
        [(name, name) for name in DATE_FORMATS], required=True, default="y-m-d"
    )
    weight_unit = fields.Selection(
        [(unit, unit) for unit in ("kg", "g", "lb", "oz")], required=True, default="kg"
    )
    length_unit = fields.Selection(
        [(unit, unit) for unit in ("cm", "mm", "in")], required=True, default="cm"
    )
    other_family = fields.Selection(
        [(family, FAMILIES[family]) for family in CHARGE_FAMILIES],
        string="Family of All Others",
        required=True,
        default="accessorial",
    )
    column_ids = fields.One2many(
        "shipment.carrier.invoice.layout.column", "layout_id", copy=True
    )
    family_ids = fields.One2many(
        "shipment.carrier.invoice.layout.family", "layout_id", copy=True
    )
    sample = fields.Binary(attachment=True, copy=False)
    sample_name = fields.Char(copy=False)
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.constrains(
        "column_ids", "header_row", "family_ids", "date_format", "decimal_mark"
    )
    def _check_mapping(self):
        for layout in self:
            layout._get_mapping()

    def _get_mapping(self):
        """Return the mapping as the reader takes it.

        :raise ValidationError: something is missing, in the user's words.
        """
        self.ensure_one()
        columns = {}
        for row in self.column_ids.filtered("column"):
            is_number = not self.header_row and row.column.strip().isdigit()
            columns[row.target] = int(row.column) if is_number else row.column.strip()
        try:
            return ColumnMapping(
                columns=columns,
                constants={
                    row.target: row.constant.strip()
                    for row in self.column_ids
                    if row.constant and not row.column
                },
                header_row=self.header_row,
                sheet=self.sheet or "",
                delimiter=self.delimiter or "",
                encoding=self.encoding or "",
                decimal_mark=self.decimal_mark or "",
                date_format=self.date_format,
                weight_unit=self.weight_unit,
                length_unit=self.length_unit,
                families={row.code: row.family for row in self.family_ids},
                other_family=self.other_family,
            )
        except InvalidMapping as error:
            found = error.errors()[0]
            raise ValidationError(
                self.env._(
                    "The columns are not complete: %(trouble)s",
                    trouble=found["msg"].removeprefix("Value error, "),
                )
            ) from None

    @api.depends(
        "sample", "column_ids", "column_ids.column", "column_ids.constant", "header_row"
    )
    def _compute_preview(self):
        for layout in self:
            layout.preview = self.env["ir.qweb"]._render(
                "shipment_visibility_carriers.invoice_layout_preview",
                layout._read_sample(),
            )

    def _read_sample(self):
        """The first lines of the sample as they are understood, or what is wrong."""
        content = base64.b64decode(self.with_context(bin_size=False).sample or b"")
        if not content:
            return {"lines": [], "trouble": ""}
        try:
            reader = Mapped(self._get_mapping())
            return {
                "lines": list(islice(reader.read(BytesIO(content)), PREVIEWED)),
                "trouble": "",
            }
        except (InvoiceFileError, ValidationError) as error:
            return {"lines": [], "trouble": str(error)}

    @api.model
    def default_get(self, fields_list):
        """Override of Odoo to begin with the columns that no invoice can do without."""
        values = super().default_get(fields_list)
        if "column_ids" in fields_list:
            values["column_ids"] = [
                Command.create({"target": target})
                for target in (
                    "account",
                    "invoice_number",
                    "invoice_date",
                    "currency",
                    "tracking_number",
                    "charge_code",
                    "description",
                    "amount",
                )
            ]
        return values


class ShipmentCarrierInvoiceLayoutColumn(models.Model):
    """What one column of a table says."""

    _name = "shipment.carrier.invoice.layout.column"
    _description = "Mapped Column"
    _order = "layout_id, id"

    layout_id = fields.Many2one(
        "shipment.carrier.invoice.layout", required=True, ondelete="cascade", index=True
    )
    target = fields.Selection(TARGETS, string="What", required=True)
    column = fields.Char(help="Its name in the table, or its number.")
    constant = fields.Char(
        string="Always", help="For what no column says: the same for every row."
    )

    _target_uniq = models.UniqueIndex(
        "(layout_id, target)", "Only one column can say this."
    )

    @api.constrains("constant", "target")
    def _check_constant(self):
        for row in self:
            if row.constant and row.target not in CONSTANTS:
                raise ValidationError(
                    self.env._("Only a column can say this: %(what)s", what=row.target)
                )


class ShipmentCarrierInvoiceLayoutFamily(models.Model):
    """Which family a code or text of the carrier is."""

    _name = "shipment.carrier.invoice.layout.family"
    _description = "Mapped Charge"
    _order = "layout_id, code, id"

    layout_id = fields.Many2one(
        "shipment.carrier.invoice.layout", required=True, ondelete="cascade", index=True
    )
    code = fields.Char(string="Code or Text", required=True)
    family = fields.Selection(
        [(family, FAMILIES[family]) for family in CHARGE_FAMILIES], required=True
    )
