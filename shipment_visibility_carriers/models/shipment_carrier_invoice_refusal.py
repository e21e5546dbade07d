import base64

from odoo import fields, models

from ..invoices import writing


class ShipmentCarrierInvoiceRefusal(models.Model):
    """A row of a file that could not be read, and why."""

    _name = "shipment.carrier.invoice.refusal"
    _description = "Refused Row"
    _order = "file_id desc, row, id"

    file_id = fields.Many2one(
        "shipment.carrier.invoice.file", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="file_id.company_id", store=True)
    member = fields.Char(string="File in the Archive")
    row = fields.Integer(required=True)
    reason = fields.Char(required=True)


class ShipmentCarrierInvoiceFile(models.Model):
    """What could not be read, as a list to send back or to work through."""

    _inherit = "shipment.carrier.invoice.file"

    refusal_table = fields.Binary(compute="_compute_refusal_table")

    def _compute_refusal_table(self):
        for record in self:
            rows = [
                (refusal.member or record.name, refusal.row, refusal.reason)
                for refusal in record.refusal_ids.sorted("id")
            ]
            record.refusal_table = base64.b64encode(
                writing.table([("file", "row", "reason"), *rows])
            )

    def action_download_refusals(self):
        """Hand the list of refused rows to the browser."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/refusal_table"
            "?download=true&filename=refused-rows.csv",
            "target": "download",
        }
