from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import (
    Mass,
    Parcel,
    ShipmentRequest,
)

# What every carrier takes as a reference: UPS and others print no more on a label.
REFERENCE_LENGTH = 35


class ShipmentRequestBuilder(models.AbstractModel):
    """Says in canonical objects what a delivery or an order asks of a carrier.

    Everything that is wrong is collected and told at once, not one thing per try.
    """

    _name = "shipment.request.builder"
    _description = "Shipment Request Builder"

    @api.model
    def _from_picking(self, method, pickings, is_return=False, service=None):
        """The request to ship deliveries as one shipment, or to send their goods back.

        :param pickings: one or several, of one company and to one address.
        :param str service: another than the method's; empty to price all services.
        :raise UserError: they are not fit to be sent; tells all that is wrong.
        """
        parts, problems = self._parts_of_pickings(method, pickings, is_return, service)
        self._raise(", ".join(pickings.mapped("name")), problems)
        return ShipmentRequest(**parts)

    @api.model
    def _parts_of_pickings(self, method, pickings, is_return=False, service=None):
        """The parts of a request, and all that is wrong with them.

        :return: (dict, list of texts); the parts make a request when there are no texts.
        """
        problems = self._find_differences(pickings)
        first = pickings[0]
        warehouse = self._get_warehouse_partner(
            first.picking_type_id.warehouse_id, first.company_id
        )
        ours = self._party(warehouse, problems)
        theirs = self._party(first.partner_id, problems)
        parcels = self._parcels_of_pickings(method, pickings, problems)
        parts = dict(
            reference=", ".join(pickings.mapped("name"))[:REFERENCE_LENGTH],
            service=(method.shipment_service or "") if service is None else service,
            shipper=theirs if is_return else ours,
            consignee=ours if is_return else theirs,
            parcels=parcels,
            ship_date=self._local_date(warehouse),
            label_format=first._get_shipment_label_format(method),
            is_return=is_return,
            insured_value=self._insured_value(
                method, parcels, () if is_return else pickings
            ),
            incoterm=first.sale_id.incoterm.code or "",
        )
        if is_return:
            parts |= self._terms_of_return()
        else:
            parts |= self._terms(method, first, parts, problems)
        return parts, problems + self._find_problems(method, parts)

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
        parts = dict(
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
        parts |= self._terms(method, order, parts, problems)
        problems += self._find_problems(method, parts, strict=False)
        self._raise(order.name, problems)
        return ShipmentRequest(**parts)

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

    # === THE REST === #

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
