from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    shipment_notify = fields.Boolean(
        string="Shipment Mails",
        default=True,
        help="Whether rules may write to this contact about its parcels. A company that "
        "wants no mails speaks for all of its contacts.",
    )

    def _wants_shipment_mails(self):
        """Whether the contact, and the company it belongs to, may be written to."""
        self.ensure_one()
        return self.shipment_notify and self.commercial_partner_id.shipment_notify
