from odoo import api, fields, models
from odoo.exceptions import UserError

from .delivery_carrier import TYPE


class ShipmentRateDesk(models.AbstractModel):
    """What an offer costs the customer and us, and the method that a service becomes."""

    _inherit = "shipment.rate.desk"

    @api.model
    def _priced(self, source, offer):
        """Fill in what it costs the customer and us, or why that cannot be said."""
        if offer.problem:
            return offer
        if offer.quote:
            offer.service = offer.quote.service
        try:
            rate = self._get_rate(source, offer)
            if rate["success"]:
                offer.price = rate["price"]
                offer.cost = self._get_cost(source, offer, rate)
                offer.remark = rate["warning_message"] or ""
            else:
                offer.problem = rate["error_message"] or self.env._("Not available.")
        except UserError as error:
            offer.problem = str(error)
        return offer

    @api.model
    def _get_rate(self, source, offer):
        """The price with all that Odoo does to it; without an order only the margin."""
        order = self._get_order(source)
        method = offer.method or self._get_sibling(offer.account)
        if order and method.product_id:
            # What has been checked is whether the order may be read.
            method = method.sudo().with_company(source.company_id)
            return method.with_context(shipment_quote=offer.quote).rate_shipment(order)
        price = method._convert_shipment_money(
            [offer.quote.total],
            self._get_currency(source),
            source.company_id,
            order.date_order or fields.Date.today(),
        )
        return {
            "success": True,
            "price": method._apply_margins(price) if method else price,
            "warning_message": "\n".join(offer.quote.warnings),
        }

    @api.model
    def _get_cost(self, source, offer, rate):
        company = source.company_id
        if offer.quote:
            return offer.method._convert_shipment_money(
                [offer.quote.total], company.currency_id, company, fields.Date.today()
            )
        return self._get_currency(source)._convert(
            rate["carrier_price"], company.currency_id, company, fields.Date.today()
        )

    @api.model
    def _get_sibling(self, account):
        """The delivery method that a new one of this account would be like."""
        return (
            self._no_method()
            .sudo()
            .search([("shipment_account_id", "=", account.id)], limit=1)
        )

    # === A METHOD FOR A SERVICE === #

    @api.model
    def _make_method(self, account, service, service_name):
        """Make a delivery method that books a service, like those the account has.

        The user's own rights decide whether it may be made.
        """
        name = f"{account.name}: {service_name or service}"
        sibling = self._get_sibling(account).sudo(self.env.su)
        if sibling:
            return sibling.copy({"name": name, "shipment_service": service})
        product = self.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": 0.0,
                "sale_ok": False,
                "purchase_ok": False,
                "invoice_policy": "order",
            }
        )
        formats = account._adapter_class().label_formats
        return self._no_method().create(
            {
                "name": name,
                "delivery_type": TYPE,
                "integration_level": "rate_and_ship",
                "product_id": product.id,
                "company_id": account.company_id.id,
                "shipment_account_id": account.id,
                "shipment_service": service,
                "shipment_label_format": formats[0],
            }
        )
