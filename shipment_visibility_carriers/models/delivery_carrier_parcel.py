from odoo import models

from .delivery_carrier import TYPE


class DeliveryCarrier(models.Model):
    """What is in a parcel, and what it weighs and is worth."""

    _inherit = "delivery.carrier"

    def _get_packages_from_picking(self, picking, default_package_type):
        """Override of `stock_delivery`: loose goods weigh what the scales said."""
        packages = super()._get_packages_from_picking(
            picking,
            picking.shipment_loose_package_type_id or default_package_type,
        )
        is_loose = not picking.is_return_picking and len(packages) > len(
            picking.move_line_ids.result_package_id
        )
        if is_loose and picking.shipment_loose_weight:
            packages[-1].weight = picking.shipment_loose_weight
        return packages

    def _get_commodities_from_stock_move_lines(self, move_lines):
        """Override of `stock_delivery`, which declares prices with taxes."""
        commodities = super()._get_commodities_from_stock_move_lines(move_lines)
        if self.delivery_type == TYPE:
            for commodity in commodities:
                lines = move_lines.filtered(
                    lambda line, product=commodity.product_id: (
                        line.product_id == product
                    )
                )
                commodity.monetary_value = lines._get_shipment_value() / commodity.qty
        return commodities
