from odoo import api, fields, models

FORMATS = [("PDF", "PDF"), ("ZPL", "ZPL")]


class ShipmentPrintPlace(models.AbstractModel):
    """Where labels come out: a bench, and for want of one an operation type or a warehouse."""

    _name = "shipment.print.place"
    _description = "Place That Prints Labels"

    shipment_label_format = fields.Selection(
        FORMATS,
        string="Label Format",
        help="What labels are asked of the carrier as, if it prints such. Empty: what "
        "the printer takes, if only one is set here.",
    )
    shipment_zpl_printer_id = fields.Many2one(
        "shipment.printer",
        string="Label Printer",
        domain="[('takes_zpl', '=', True)]",
        check_company=True,
        help="Where labels in ZPL are printed.",
    )
    shipment_pdf_printer_id = fields.Many2one(
        "shipment.printer",
        string="PDF Printer",
        domain="[('takes_pdf', '=', True)]",
        check_company=True,
        help="Where labels in PDF are printed.",
    )

    @api.onchange("shipment_zpl_printer_id", "shipment_pdf_printer_id")
    def _onchange_printer(self):
        """Choose the format with the first printer; a choice that was made stays."""
        if not self.shipment_label_format:
            self.shipment_label_format = self._get_wanted_label_format()

    def _get_wanted_label_format(self):
        """The format that labels should have here, or ``False`` when it does not matter."""
        if self.shipment_label_format:
            return self.shipment_label_format
        formats = [name for name, _label in FORMATS if self._get_label_printer(name)]
        return formats[0] if len(formats) == 1 else False

    def _get_label_printer(self, label_format):
        """The printer for labels of a format, or none."""
        printers = {
            "PDF": self.shipment_pdf_printer_id,
            "ZPL": self.shipment_zpl_printer_id,
        }
        printer = printers.get(label_format, self.env["shipment.printer"])
        return printer.filtered("active")
