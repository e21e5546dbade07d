from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResUsers(models.Model):
    _inherit = "res.users"

    shipment_bench_id = fields.Many2one(
        "shipment.print.bench",
        string="Packing Bench",
        domain="[('company_id', 'in', [False] + company_ids)]",
        ondelete="set null",
        help="Labels that you book are printed by the printers of this bench.",
    )

    @api.constrains("shipment_bench_id", "company_ids")
    def _check_shipment_bench(self):
        for user in self:
            company = user.shipment_bench_id.company_id
            if company and company not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "The bench %(bench)s belongs to %(company)s, where %(user)s does "
                        "not work.",
                        bench=user.shipment_bench_id.name,
                        company=company.name,
                        user=user.name,
                    )
                )

    @property
    def SELF_READABLE_FIELDS(self):
        """Override of Odoo: everybody sees their own bench."""
        return super().SELF_READABLE_FIELDS + ["shipment_bench_id"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        """Override of Odoo: everybody chooses their own bench."""
        return super().SELF_WRITEABLE_FIELDS + ["shipment_bench_id"]
