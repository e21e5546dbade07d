from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero, float_round

from odoo.addons.shipment_visibility.canonical.schema import (
    Address,
    CustomsItem,
    Dimensions,
    Mass,
    Money,
    Parcel,
    Party,
    ShipmentRequest,
)

INCHES_PER_FOOT = 12


class ShipmentRequestBuilder(models.AbstractModel):
    """Says in canonical objects what a delivery or an order asks of a carrier.

    Everything that is wrong is collected and told at once, not one thing per try.
    """

    _name = "shipment.request.builder"
    _description = "Shipment Request Builder"

    @api.model
    def _from_picking(self, method, picking, is_return=False):
        """The request to ship a delivery, or to send its goods back.

        :raise UserError: it is not fit to be sent; tells all that is wrong.
        """
        problems = []
        # A package that has not left yet weighs what this delivery puts into it.
        picking = picking.with_context(picking_id=picking.id)
        warehouse = self._get_warehouse_partner(
            picking.picking_type_id.warehouse_id, picking.company_id
        )
        ours = self._party(warehouse, problems)
        theirs = self._party(picking.partner_id, problems)
        parcels = self._parcels_of_picking(method, picking, problems)
        self._raise(picking.name, problems)
        order = picking.sale_id
        return ShipmentRequest(
            reference=picking.name,
            service=method.shipment_service or "",
            shipper=theirs if is_return else ours,
            consignee=ours if is_return else theirs,
            parcels=parcels,
            ship_date=self._local_date(warehouse),
            label_format=picking._get_shipment_label_format(method),
            is_return=is_return,
            insured_value=self._insured_value(method, parcels),
            incoterm=order.incoterm.code or "",
        )

    @api.model
    def _from_order(self, method, order, service=""):
        """The request to price an order before it is packed.

        :param str service: one service, or empty for all.
        :raise UserError: it cannot be priced; tells all that is wrong.
        """
        problems = []
        warehouse = self._get_warehouse_partner(order.warehouse_id, order.company_id)
        shipper = self._party(warehouse, problems, strict=False)
        consignee = self._party(order.partner_shipping_id, problems, strict=False)
        parcels = self._parcels_of_order(method, order, problems)
        self._raise(order.name, problems)
        return ShipmentRequest(
            reference=order.name,
            service=service,
            shipper=shipper,
            consignee=consignee,
            parcels=parcels,
            ship_date=self._local_date(warehouse),
            label_format=method.shipment_label_format,
            insured_value=self._insured_value(method, parcels),
            incoterm=order.incoterm.code or "",
        )

    @api.model
    def _sample(self, account):
        """A small parcel from the company to itself, to have something to ask about.

        :raise UserError: the company's own address is not complete.
        """
        problems = []
        company = account.company_id
        party = self._party(company.partner_id, problems, strict=False)
        self._raise(company.name, problems)
        return ShipmentRequest(
            reference="TEST",
            shipper=party,
            consignee=party,
            parcels=(Parcel(reference="TEST/1", weight=Mass(value=Decimal(1))),),
            ship_date=self._local_date(company.partner_id),
        )

    # === PARTIES === #

    @api.model
    def _get_warehouse_partner(self, warehouse, company):
        return warehouse.partner_id or company.partner_id

    @api.model
    def _party(self, partner, problems, strict=True):
        """A partner as shipper or consignee; ``None`` when that cannot be said.

        :param bool strict: whether it must be fit for a label, and not only for a price.
        """
        if not partner:
            problems.append(self.env._("There is no address to deliver to."))
            return None
        name = partner.name or partner.commercial_partner_id.name
        missing = self._missing_in_address(partner, strict)
        if missing:
            problems.append(
                self.env._(
                    "The address of %(partner)s has no %(fields)s.",
                    partner=name,
                    fields=", ".join(missing),
                )
            )
        phone = self._phone(partner, problems if strict else [])
        if not partner.country_id:
            return None
        return Party(
            name=name,
            company=partner.commercial_company_name or "",
            phone=phone,
            email=partner.email or "",
            address=Address(
                street=partner.street or "",
                street2=partner.street2 or "",
                city=partner.city or "",
                postal_code=partner.zip or "",
                state=partner.state_id.code or "",
                country=partner.country_id.code,
            ),
        )

    @api.model
    def _missing_in_address(self, partner, strict):
        country = partner.country_id
        needed = {"country_id": True}
        if strict:
            needed |= {
                "street": True,
                "city": True,
                "zip": country.zip_required,
                "state_id": country.state_required,
            }
        return [
            partner._fields[name]._description_string(self.env).lower()
            for name, is_needed in needed.items()
            if is_needed and not partner[name]
        ]

    @api.model
    def _phone(self, partner, problems):
        """The phone number in E.164, which carriers want; empty without one."""
        written = partner.phone
        if not written:
            return ""
        try:
            number = phonenumbers.parse(written, partner.country_id.code or None)
        except phonenumbers.NumberParseException:
            number = None
        if not number or not phonenumbers.is_possible_number(number):
            problems.append(
                self.env._(
                    "%(phone)s of %(partner)s is not a phone number.",
                    phone=written,
                    partner=partner.display_name,
                )
            )
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    # === PARCELS === #

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
        uom = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        return "lb" if uom == self.env.ref("uom.product_uom_lb") else "kg"

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
            description=product.name,
            quantity=_decimal(commodity.qty),
            value=Money(
                amount=_decimal(
                    currency.round(commodity.monetary_value * commodity.qty)
                ),
                currency=currency.name,
            ),
            weight=Mass(value=_decimal(product.weight * commodity.qty), unit=unit),
            hs_code=product.hs_code or "",
            origin_country=commodity.country_of_origin or None,
            sku=product.default_code or "",
        )

    # === THE REST === #

    @api.model
    def _insured_value(self, method, parcels):
        if not method.supports_shipping_insurance or not method.shipping_insurance:
            return None
        values = [parcel.declared_value for parcel in parcels]
        share = Decimal(method.shipping_insurance) / 100
        return Money(
            amount=sum(value.amount for value in values) * share,
            currency=values[0].currency,
        )

    @api.model
    def _local_date(self, partner):
        """Today where the parcel is handed over."""
        zone = partner.tz or self.env.company.partner_id.tz or self.env.user.tz or "UTC"
        return datetime.now(ZoneInfo(zone)).date()

    @api.model
    def _raise(self, name, problems):
        if problems:
            raise UserError(
                "\n".join([f"{name}:", *(f"- {text}" for text in problems)])
            )


def _decimal(value):
    """A float without the noise of its binary form."""
    return Decimal(str(float_round(value, precision_digits=4)))
