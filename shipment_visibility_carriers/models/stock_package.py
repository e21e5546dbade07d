from odoo import models


class StockPackage(models.Model):
    _inherit = "stock.package"

    def _pre_put_in_pack_hook(self, *args, **kwargs):
        """Override of `stock_delivery`: the choice of packages is the carrier's own."""
        action = super()._pre_put_in_pack_hook(*args, **kwargs)
        return self.move_line_ids.carrier_id._narrow_put_in_pack(action)
