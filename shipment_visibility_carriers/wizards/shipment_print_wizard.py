from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..printing.base import MIMETYPES


class ShipmentPrintWizard(models.TransientModel):
    """Prints labels on a printer that the user chooses."""

    _name = "shipment.print.wizard"
    _description = "Print Labels on a Printer"

    shipment_ids = fields.Many2many("shipment.shipment", readonly=True)
    job_ids = fields.Many2many("shipment.print.job", readonly=True)
    package_ids = fields.Many2many(
        "shipment.package", string="Labels", compute="_compute_package_ids"
    )
    allowed_printer_ids = fields.Many2many(
        "shipment.printer", compute="_compute_package_ids"
    )
    printer_id = fields.Many2one(
        "shipment.printer",
        domain="[('id', 'in', allowed_printer_ids)]",
    )

    @api.model
    def _open(self, values):
        """Ask for the printer.

        :param dict values: ``shipment_ids`` or ``job_ids``, as lists of ids.
        """
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("Only warehouse users print labels."))
        wizard = self.create({name: [Command.set(ids)] for name, ids in values.items()})
        wizard.printer_id = wizard._get_default_printer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Labels"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.depends("shipment_ids", "job_ids")
    def _compute_package_ids(self):
        for wizard in self:
            packages = wizard.shipment_ids._get_label_packages()
            wizard.package_ids = packages | wizard.job_ids.package_id
            wizard.allowed_printer_ids = wizard._get_printers()

    def _get_printers(self):
        """The printers that take all of these labels."""
        formats = set(filter(None, self.package_ids.mapped("label_formats")))
        companies = self.package_ids.company_id
        printers = self.env["shipment.printer"].search(
            [("company_id", "in", [False, *companies.ids])]
        )
        return printers.filtered(
            lambda printer: (
                all(printer._takes(MIMETYPES.get(name)) for name in formats)
                and all(printer.company_id <= company for company in companies)
            )
        )

    def _get_default_printer(self):
        """The printer it goes to anyway, or another one than that which failed."""
        allowed = self.allowed_printer_ids
        if not allowed:
            raise UserError(
                self.env._("There is no printer that takes all of these labels.")
            )
        if self.job_ids:
            return (allowed - self.job_ids.printer_id)[:1] or allowed[:1]
        usual = self.package_ids[:1].sudo()._get_label_printer(self.env.user)
        return (allowed & usual) or allowed[:1]

    def action_print(self):
        """Queue the labels, or send the jobs, to the printer that was chosen."""
        self.ensure_one()
        if not self.printer_id & self.allowed_printer_ids:
            raise UserError(
                self.env._(
                    "%s does not take all of these labels.", self.printer_id.name
                )
            )
        if self.job_ids:
            self.job_ids._send_to(self.printer_id)
            result = self.package_ids._tell_queued(self.job_ids)
        else:
            result = self.package_ids._print_on_demand(self.printer_id)
        result["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return result
