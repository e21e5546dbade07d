from odoo import models


class DeliveryCarrier(models.Model):
    """What a packer said of goods without a package."""

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
