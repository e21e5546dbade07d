from odoo import api, fields, models
from odoo.exceptions import AccessError

from .shipment_metric import METRICS_PATH, TOKEN_KEY


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # Not tied to the parameter: who saves an old page must not bring an old token back.
    shipment_metrics_url = fields.Char(
        string="Metrics Address", compute="_compute_shipment_metrics"
    )
    shipment_metrics_token = fields.Char(
        string="Metrics Token",
        compute="_compute_shipment_metrics",
        groups="base.group_system",
    )

    @api.depends_context("uid")
    def _compute_shipment_metrics(self):
        parameters = self.env["ir.config_parameter"]
        for settings in self:
            settings.shipment_metrics_url = settings.get_base_url() + METRICS_PATH
            settings.shipment_metrics_token = parameters.get_param(TOKEN_KEY)

    def action_rotate_shipment_metrics_token(self):
        """Make a new token; who shows the one before is let in no more.

        :raise AccessError: only a system administrator may do so.
        """
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Only a system administrator can change the token.")
            )
        self.env["shipment.metric"]._rotate_token()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
