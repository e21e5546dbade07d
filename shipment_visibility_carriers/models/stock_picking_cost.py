from odoo import fields, models

from .delivery_carrier import TYPE


class StockPicking(models.Model):
    """With real cost the customer pays for the label that travels, and once."""

    _inherit = "stock.picking"

    shipment_delivery_line_ids = fields.Many2many(
        "sale.order.line",
        "stock_picking_shipment_delivery_line_rel",
        string="Sale Lines of the Label",
        readonly=True,
        copy=False,
        help="Where the customer pays for the label of this delivery.",
    )

    def _charges_label(self):
        """Whether the order's customer pays what our label costs."""
        return (
            self.carrier_id.delivery_type == TYPE
            and self.carrier_id.invoice_policy == "real"
            and bool(self.sale_id)
        )

    def _add_delivery_cost_to_so(self):
        """Override of `stock_delivery`: another label replaces the cost of the last one."""
        self.ensure_one()
        before = self.shipment_delivery_line_ids
        if not self._charges_label() or not (before or self.carrier_price):
            return super()._add_delivery_cost_to_so()
        line = self._get_matching_delivery_lines()[:1]
        # What another method asked for is not asked for any more.
        (before - line).filtered(lambda old: not old.qty_invoiced).price_unit = 0
        if not line:
            owed = self._prepare_sale_delivery_line_vals()["price_unit"]
            if before and self.sale_id.currency_id.is_zero(owed):
                return None
            line = self.sale_id._create_delivery_line(
                self.carrier_id, self.carrier_price
            )
        self.shipment_delivery_line_ids |= line
        if self.carrier_price:
            return super()._add_delivery_cost_to_so()
        # Odoo charges nothing where nothing is to be paid, and so takes nothing back.
        return line.write(self._prepare_sale_delivery_line_vals())

    def _get_matching_delivery_lines(self):
        """Override of `stock_delivery`: this delivery's own line, while it is not invoiced.

        A line that is invoiced is settled; one of another delivery is that one's.
        """
        if not self._charges_label():
            return super()._get_matching_delivery_lines()
        own = self.shipment_delivery_line_ids.filtered(
            lambda line: (
                not line.qty_invoiced
                and line.order_id == self.sale_id
                and line.product_id == self.carrier_id.product_id
            )
        )
        others = (self.sale_id.picking_ids - self).shipment_delivery_line_ids
        return own or (super()._get_matching_delivery_lines() - others).filtered(
            lambda line: not line.qty_invoiced
        )

    def _prepare_sale_delivery_line_vals(self):
        """Override of `stock_delivery`: what is invoiced already is not asked for again."""
        vals = super()._prepare_sale_delivery_line_vals()
        if self._charges_label():
            vals["price_unit"] -= self._get_invoiced_label_cost()
        return vals

    def _get_invoiced_label_cost(self):
        """What the invoices ask for this delivery's label, in the order's currency."""
        order = self.sale_id
        settled = self.shipment_delivery_line_ids.filtered(
            lambda line: line.order_id == order and line.qty_invoiced
        )
        return sum(
            -line.move_id.direction_sign
            * line.currency_id._convert(
                line.price_unit * line.quantity * (1 - line.discount / 100),
                order.currency_id,
                order.company_id,
                line.move_id.invoice_date or fields.Date.context_today(self),
            )
            for line in settled.invoice_lines
            if line.move_id.state != "cancel"
        )
