from odoo import api, fields, models


class BaseModuleUninstall(models.TransientModel):
    _inherit = "base.module.uninstall"

    shipment_live_labels = fields.Text(compute="_compute_shipment_live_labels")

    @api.depends("module_ids")
    def _compute_shipment_live_labels(self):
        """Labels that stay bought when the records that know of them are deleted."""
        for wizard in self:
            names = wizard._get_modules().mapped("name")
            wizard.shipment_live_labels = (
                "\n".join(self.env["shipment.booking"]._get_live_labels())
                if "shipment_visibility_carriers" in names
                else False
            )
