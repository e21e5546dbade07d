from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero, float_round

from odoo.addons.shipment_visibility.canonical.schema import (
    CustomsItem,
    Dimensions,
    Mass,
    Money,
    Parcel,
)

INCHES_PER_FOOT = 12


class ShipmentRequestBuilder(models.AbstractModel):
    """What is sent: parcels, what is in them and what that is worth."""

    _inherit = "shipment.request.builder"

    @api.model
    def _parcels_of_pickings(self, method, pickings, problems):
        """The parcels of all deliveries, one delivery after the other."""
        return tuple(
            parcel
            for picking in pickings
            # A package that has not left yet weighs what its delivery puts into it.
            for parcel in self._parcels_of_picking(
                method, picking.with_context(picking_id=picking.id), problems
            )
        )

    @api.model
    def _parcels_of_picking(self, method, picking, problems):
        packages = self._packages(
            method._get_packages_from_picking, method, picking, problems
        )
        packed = [] if picking.is_return_picking else self._stock_packages(picking)
        if packed and len(packages) > len(packed):
            # Odoo says of the unpacked rest that all goods are in it.
            loose = picking.move_line_ids.filtered(
                lambda line: not line.result_package_id
            )
            packages[-1].commodities = method._get_commodities_from_stock_move_lines(
                loose
            )
        currency = picking.sale_id.currency_id or picking.company_id.currency_id
        return self._parcels(packages, picking.name, currency, problems)

    @api.model
    def _stock_packages(self, picking):
        """The packages of a delivery, in the order of its parcels.

        A parcel more than that is what was not packed.
        """
        return picking.move_line_ids.result_package_id

    @api.model
    def _parcels_of_order(self, method, order, problems):
        packages = self._packages(
            method._get_packages_from_order, method, order, problems
        )
        return self._parcels(packages, order.name, order.currency_id, problems)

    @api.model
    def _packages(self, get_packages, method, record, problems):
        try:
            return get_packages(record, method.shipment_package_type_id)
        except UserError as error:
            problems.append(str(error))
            return []

    @api.model
    def _parcels(self, packages, reference, currency, problems):
        """Canonical parcels. Their references stay the same when a validation is repeated."""
        unit = self._weight_unit()
        parcels = []
        for number, package in enumerate(packages, start=1):
            if float_is_zero(package.weight, precision_digits=4):
                problems.append(
                    self.env._("The parcel %s has no weight.", package.name or number)
                )
            parcels.append(
                Parcel(
                    reference=f"{reference}/{number}",
                    weight=Mass(value=_decimal(package.weight), unit=unit),
                    dimensions=self._dimensions(package),
                    packaging=package.packaging_type or "",
                    description=self._contents(package),
                    items=tuple(
                        self._customs_item(commodity, currency, unit)
                        for commodity in package.commodities
                    ),
                    declared_value=self._declared_value(package),
                    is_dangerous=any(
                        commodity.product_id.is_dangerous_goods
                        for commodity in package.commodities
                    ),
                )
            )
        return tuple(parcels)

    @api.model
    def _declared_value(self, package):
        """What the goods cost us, also before Odoo has moved them into the package."""
        cost = self.env["delivery.carrier"]._product_price_to_company_currency
        return Money(
            amount=_decimal(
                sum(
                    cost(commodity.qty, commodity.product_id, package.company_id)
                    for commodity in package.commodities
                )
            ),
            currency=package.currency_id.name,
        )

    @api.model
    def _weight_unit(self):
        return self.env["stock.picking"]._weight_unit()

    @api.model
    def _dimensions(self, package):
        sizes = package.dimension
        if not all(sizes.values()):
            return None
        uom = self.env["product.template"]._get_length_uom_id_from_ir_config_parameter()
        is_feet = uom == self.env.ref("uom.product_uom_foot")
        factor = INCHES_PER_FOOT if is_feet else 1
        return Dimensions(
            unit="in" if is_feet else "mm",
            **{name: _decimal(size * factor) for name, size in sizes.items()},
        )

    @api.model
    def _contents(self, package):
        return ", ".join(commodity.product_id.name for commodity in package.commodities)

    @api.model
    def _customs_item(self, commodity, currency, unit):
        product = commodity.product_id
        return CustomsItem(
            # In one language, whoever books: customs reads it, and a repeated request
            # must be the same.
            description=product.with_context(lang="en_US").name,
            quantity=_decimal(commodity.qty),
            value=Money(
                amount=_decimal(
                    currency.round(commodity.monetary_value * commodity.qty)
                ),
                currency=currency.name,
            ),
            weight=Mass(value=_decimal(product.weight * commodity.qty), unit=unit),
            hs_code=product.hs_code or "",
            # Odoo puts the warehouse's country where none is known. We do not claim that.
            origin_country=product.country_of_origin.code or None,
            sku=product.default_code or "",
        )


def _decimal(value):
    """A float without the noise of its binary form."""
    return Decimal(str(float_round(value, precision_digits=4)))
