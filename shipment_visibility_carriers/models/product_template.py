from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    is_dangerous_goods = fields.Boolean(
        string="Dangerous Goods",
        help="In transport law, such as batteries, aerosols or perfume. They only travel "
        "with carriers that take them.",
    )
