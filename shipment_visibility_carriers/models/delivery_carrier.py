import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import ormcache

from ..adapters import base
from .booking_terms import Wish

TYPE = "shipment_visibility"


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    delivery_type = fields.Selection(
        selection_add=[(TYPE, "Shipment Visibility")],
        ondelete={
            TYPE: lambda methods: methods.write(
                {"delivery_type": "fixed", "active": False}
            )
        },
    )
    shipment_account_id = fields.Many2one(
        "shipment.carrier.account",
        string="Carrier Account",
        ondelete="restrict",
        index="btree_not_null",
    )
    shipment_environment = fields.Selection(
        related="shipment_account_id.environment", string="Account Environment"
    )
    shipment_service = fields.Char(
        string="Service", help="The carrier's code of the service this method books."
    )
    shipment_service_name = fields.Char(compute="_compute_shipment_service_name")
    shipment_services = fields.Json(compute="_compute_shipment_service_name")
    shipment_label_format = fields.Selection(
        [("PDF", "PDF"), ("ZPL", "ZPL")],
        string="Label Format",
        required=True,
        default="PDF",
    )
    shipment_package_type_id = fields.Many2one(
        "stock.package.type",
        string="Default Package Type",
        help="What goods travel in that were not packed.",
    )

    @api.depends("shipment_account_id.adapter", "shipment_service")
    def _compute_shipment_service_name(self):
        available = self.env["shipment.carrier.account"]._available_adapters()
        for method in self:
            adapter = available.get(method.sudo().shipment_account_id.adapter)
            services = dict(adapter.services) if adapter else {}
            method.shipment_services = services
            method.shipment_service_name = services.get(
                method.shipment_service, method.shipment_service
            )

    @api.depends("shipment_account_id.adapter")
    def _compute_can_generate_return(self):
        ours = self.filtered(lambda method: method.delivery_type == TYPE)
        for method in ours:
            adapter = method._shipment_adapter_class()
            method.can_generate_return = bool(
                adapter and "return_label" in adapter.capabilities()
            )
        return super(DeliveryCarrier, self - ours)._compute_can_generate_return()

    @api.depends("shipment_account_id.adapter")
    def _compute_supports_shipping_insurance(self):
        ours = self.filtered(lambda method: method.delivery_type == TYPE)
        for method in ours:
            adapter = method._shipment_adapter_class()
            method.supports_shipping_insurance = bool(
                adapter and "insurance" in adapter.features
            )
        others = super(DeliveryCarrier, self - ours)
        return others._compute_supports_shipping_insurance()

    def _shipment_adapter_class(self):
        account = self.sudo().shipment_account_id
        return account and account._available_adapters().get(account.adapter)

    @api.constrains(
        "delivery_type",
        "shipment_account_id",
        "shipment_service",
        "shipment_label_format",
        "company_id",
    )
    def _check_shipment_account(self):
        for method in self.filtered(lambda m: m.delivery_type == TYPE):
            account = method.sudo().shipment_account_id
            if not account or not method.shipment_service:
                raise ValidationError(
                    self.env._(
                        "%s needs a carrier account and one of its services.",
                        method.name,
                    )
                )
            if method.company_id and method.company_id != account.company_id:
                raise ValidationError(
                    self.env._(
                        "%(method)s and its account %(account)s belong to different "
                        "companies.",
                        method=method.name,
                        account=account.name,
                    )
                )
            method._check_shipment_offer(account._adapter_class())

    def _check_shipment_offer(self, adapter):
        if adapter.services and self.shipment_service not in adapter.services:
            raise ValidationError(
                self.env._(
                    "%(carrier)s has no service “%(service)s”. It has: %(services)s.",
                    carrier=adapter.name,
                    service=self.shipment_service,
                    services=", ".join(adapter.services),
                )
            )
        if self.shipment_label_format not in adapter.label_formats:
            raise ValidationError(
                self.env._(
                    "%(carrier)s prints no %(format)s labels.",
                    carrier=adapter.name,
                    format=self.shipment_label_format,
                )
            )

    @api.onchange("shipment_account_id")
    def _onchange_shipment_account_id(self):
        adapter = self._shipment_adapter_class()
        if adapter and self.shipment_service not in adapter.services:
            self.shipment_service = next(iter(adapter.services), False)

    def _match(self, partner, source):
        """Override of `delivery`: an account books for its own company only."""
        account = self.sudo().shipment_account_id
        return super()._match(partner, source) and (
            self.delivery_type != TYPE or account.company_id == source.company_id
        )

    def _get_shipment_carrier(self):
        """Override of `shipment_visibility`: the carrier is the account's."""
        if self.delivery_type == TYPE:
            return self.sudo().shipment_account_id.carrier_id
        return super()._get_shipment_carrier()

    # === RATES === #

    def shipment_visibility_rate_shipment(self, order):
        """Price an order, as Odoo asks for it: in the order's currency, without margin.

        The quote in the context, if there is one, saves asking again.
        """
        quote = self.env.context.get("shipment_quote")
        try:
            quote = quote or self._get_shipment_quote(order)
        except (base.CarrierError, UserError) as error:
            return {
                "success": False,
                "price": 0.0,
                "error_message": str(error),
                "warning_message": False,
            }
        return {
            "success": True,
            "price": self._convert_shipment_money(
                [quote.total], order.currency_id, order.company_id, order.date_order
            ),
            "error_message": False,
            "warning_message": "\n".join(self._get_shipment_warnings(quote, order))
            or False,
        }

    def _get_shipment_warnings(self, quote, order):
        """What the carrier remarks, and that its price could not really be converted."""
        warnings = list(quote.warnings)
        source = self._get_shipment_currency(quote.total.currency)
        company = order.company_id
        foreign = (source | order.currency_id) - company.currency_id
        if source == order.currency_id:
            foreign = foreign.browse()
        for currency in foreign:
            if not currency.rate_ids.filtered(
                lambda rate: not rate.company_id or rate.company_id == company.root_id
            ):
                warnings.append(
                    self.env._("There is no exchange rate for %s.", currency.name)
                )
        return warnings

    def _get_shipment_quote(self, order):
        """The carrier's quote for this method's service.

        :raise base.CarrierError: the carrier does not offer it, in its words.
        :raise UserError: the order is not fit to be priced.
        """
        self._check_shipment_company(order.company_id)
        request = self.env["shipment.request.builder"]._from_order(
            self, order, service=self.shipment_service
        )
        return self._pick_shipment_quote(
            self.sudo().shipment_account_id._adapter().rate(request)
        )

    def _pick_shipment_quote(self, quotes):
        for quote in quotes:
            if quote.service == self.shipment_service:
                return quote
        raise base.Refused(
            self.env._(
                "%(carrier)s does not offer “%(service)s” for this shipment.",
                carrier=self.sudo().shipment_account_id.carrier_id.name,
                service=self.shipment_service_name,
            )
        )

    def _convert_shipment_money(self, amounts, currency, company, date):
        """The sum of canonical money in one currency, at one date.

        :raise UserError: a currency is not known here.
        """
        sums = {}
        for money in amounts:
            sums[money.currency] = sums.get(money.currency, 0) + money.amount
        # Once for each currency, so that lines and their total come to the same.
        return sum(
            self._get_shipment_currency(code)._convert(
                float(amount), currency, company, date or fields.Date.today()
            )
            for code, amount in sums.items()
        )

    @api.model
    def _get_shipment_currency(self, code):
        """A currency by the name carriers call it, whether it is in use here or not.

        :raise UserError: there is no such currency.
        """
        return self.env["res.currency"].browse(self._get_shipment_currency_id(code))

    @api.model
    @ormcache("code")
    def _get_shipment_currency_id(self, code):
        # What is not found is not remembered: an error is no result.
        currencies = self.env["res.currency"].with_context(active_test=False)
        currency = currencies.search([("name", "=", code)], limit=1)
        if not currency:
            raise UserError(self.env._("The carrier's currency %s is not known.", code))
        return currency.id

    def _check_shipment_company(self, company):
        account = self.sudo().shipment_account_id
        if account.company_id != company:
            raise UserError(
                self.env._(
                    "The carrier account %(account)s belongs to %(owner)s and cannot be "
                    "used by %(company)s.",
                    account=account.name,
                    owner=account.company_id.name,
                    company=company.name,
                )
            )
        if not account.active:
            raise UserError(
                self.env._("The carrier account %s is archived.", account.name)
            )

    # === LABELS === #

    def shipment_visibility_send_shipping(self, pickings):
        """Have each delivery booked once, however often this is called."""
        return [self._send_one_shipment(picking) for picking in pickings]

    def _send_one_shipment(self, picking):
        obtained = self.env.context.get("shipment_obtained")
        if not obtained:
            obtained = self._obtain_shipment(picking._get_together())
            picking._attach_shipments([obtained])
        wish, _ticket, answer = obtained
        if self.return_label_on_delivery and self.can_generate_return:
            self._send_return_along(picking)
        # What several deliveries share is paid once.
        is_first = picking.id == min(wish.pickings.ids)
        return {
            "exact_price": self._get_shipment_cost(picking, answer) if is_first else 0,
            "tracking_number": ",".join(
                label.tracking_number for label in answer.labels
            ),
        }

    def _obtain_shipment(self, pickings):
        """Have a label bought for deliveries, unless it was before.

        :return: the wish, the booking's ticket and the carrier's answer.
        """
        wish = self._prepare_shipment_wish(pickings)
        pickings._check_shipment_approval(self, wish.request)
        # The rows of the deliveries are locked while the carrier thinks.
        budget = self.sudo().shipment_account_id.timeout
        return wish, *self.env["shipment.booking.desk"]._obtain(wish, budget)

    def _prepare_shipment_wish(self, pickings):
        """What the carrier is to be asked for deliveries that leave together.

        :raise UserError: they cannot be sent as they are; tells all that is wrong.
        """
        self._check_shipment_company(pickings.company_id)
        request = (
            self.env["shipment.request.builder"].sudo()._from_picking(self, pickings)
        )
        return Wish("outbound", pickings, self, request)

    def _get_shipment_cost(self, picking, answer):
        """What the label costs in the order's currency, as Odoo prices a quote: before margin."""
        order = picking.sudo().sale_id
        price = self._convert_shipment_money(
            [charge.money for charge in answer.charges],
            order.currency_id or picking.company_id.currency_id,
            picking.company_id,
            order.date_order,
        )
        return self._adapt_shipment_price(order, price) if order else price

    def _adapt_shipment_price(self, order, price):
        """The price for an order, before margin, with what its customer's taxes make of it.

        Odoo adapts what a carrier quotes to the order's fiscal position, but not what it
        books; a customer who pays the real cost would pay a tax that is not his.
        """
        company = self.company_id or order.company_id
        return self.product_id._get_tax_included_unit_price(
            company,
            company.currency_id,
            order.date_order,
            "sale",
            fiscal_position=order.fiscal_position_id,
            product_price_unit=price,
            product_currency=company.currency_id,
        )

    def _send_return_along(self, picking):
        """The parcel is bought: what is wrong with its return label must not undo that."""
        try:
            with self.env.cr.savepoint():
                self.get_return_label(picking)
        except UserError as error:
            picking.message_post(
                body=self.env._("There is no return label: %s", str(error))
            )

    def shipment_visibility_get_return_label(
        self, pickings, tracking_number=None, origin_date=None
    ):
        """Have a return label for each delivery, booked once, attached to it.

        :raise AccessError: who only sees the delivery buys nothing.
        """
        pickings.check_access("write")
        builder = self.env["shipment.request.builder"].sudo()
        for picking in pickings:
            self._check_shipment_company(picking.company_id)
            request = builder._from_picking(self, picking, is_return=True)
            wish = Wish("return", picking, self, request)
            budget = self.sudo().shipment_account_id.timeout
            desk = self.env["shipment.booking.desk"]
            obtained = (wish, *desk._obtain(wish, budget))
            picking._attach_shipments([obtained])

    def shipment_visibility_cancel_shipment(self, pickings):
        """Void the labels of these deliveries, as far as they are of this method.

        Odoo calls this once for each delivery, each time with all of them.

        :raise AccessError: the user is no warehouse user, or may not write a delivery.
        """
        pickings.check_access("write")
        # Salespeople may write deliveries, but what is packed is not theirs to unpack.
        if not pickings.env.su and not self.env.user.has_group(
            "stock.group_stock_user"
        ):
            raise AccessError(self.env._("Only warehouse users can cancel a label."))
        mine = pickings.filtered(lambda p: p.carrier_id == self)
        mine._check_booked_here()
        # Odoo blanks the reference itself, after it has told which one it was.
        mine._get_booked_shipments()._void_label(keep_references_of=mine)

    def shipment_visibility_get_tracking_link(self, picking):
        """One address, or a list of them when there are several parcels. Asks nobody."""
        packages = picking._get_booked_shipments().package_ids
        links = [
            [package.tracking_number, package.tracking_url]
            for package in packages
            if package.live and package.tracking_url
        ]
        if len(links) == 1:
            return links[0][1]
        return json.dumps(links) if links else False

    def _shipment_visibility_get_default_custom_package_code(self):
        return "CUSTOM"
