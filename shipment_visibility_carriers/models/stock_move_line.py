from odoo import models


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _pre_put_in_pack_hook(self, *args, **kwargs):
        """Override of `stock_delivery`: the choice of packages is the carrier's own."""
        action = super()._pre_put_in_pack_hook(*args, **kwargs)
        return self.carrier_id._narrow_put_in_pack(action)

    def _get_shipment_value(self):
        """What these goods are worth: without taxes, net of discount, in the order's currency.

        Goods that are given away are worth their list price: customs takes no zero.
        """
        return sum(line._get_one_shipment_value() for line in self)

    def _get_one_shipment_value(self):
        sale_line = self.move_id.sale_line_id
        if sale_line.product_id == self.product_id and sale_line.price_reduce_taxexcl:
            return (
                sale_line.price_reduce_taxexcl
                * self.product_uom_id._compute_quantity(
                    self.quantity, sale_line.product_uom_id
                )
            )
        company = self.company_id
        quantity = self.product_uom_id._compute_quantity(
            self.quantity, self.product_id.uom_id
        )
        return company.currency_id._convert(
            self.product_id.list_price * quantity,
            sale_line.currency_id or company.currency_id,
            company,
            sale_line.order_id.date_order or self.env.cr.now(),
        )
