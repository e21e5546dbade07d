from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import groupby

from ..adapters import base
from ..models.delivery_carrier import TYPE


class ShipmentRateCompare(models.TransientModel):
    """What each delivery method would cost for an order or a delivery, side by side."""

    _name = "shipment.rate.compare"
    _description = "Compare Shipping Rates"

    order_id = fields.Many2one("sale.order", readonly=True)
    picking_id = fields.Many2one("stock.picking", string="Delivery", readonly=True)
    company_id = fields.Many2one("res.company", compute="_compute_source")
    partner_id = fields.Many2one("res.partner", compute="_compute_source")
    currency_id = fields.Many2one("res.currency", compute="_compute_source")
    line_ids = fields.One2many("shipment.rate.compare.line", "wizard_id", readonly=True)

    @api.depends("order_id", "picking_id")
    def _compute_source(self):
        for wizard in self:
            source = wizard._get_source()
            order_sudo = wizard.sudo()._get_order()
            wizard.company_id = source.company_id
            wizard.partner_id = (
                wizard.picking_id.partner_id or order_sudo.partner_shipping_id
            )
            wizard.currency_id = order_sudo.currency_id or source.company_id.currency_id

    def _get_source(self):
        return self.picking_id or self.order_id

    def _get_order(self):
        return self.order_id or self.picking_id.sale_id

    @api.model
    def _open(self, vals):
        wizard = self.create(vals)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Shipping Rates"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to ask the carriers."""
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._compare()
        return wizards

    def _compare(self):
        self.ensure_one()
        self._get_source().check_access("read")
        methods = self._get_methods()
        quotes = self._ask_carriers(methods.filtered(lambda m: m.delivery_type == TYPE))
        lines = [self._prepare_line(method, quotes.get(method)) for method in methods]
        lines = [line for line in lines if line]
        lines.sort(key=lambda line: (not line["is_available"], line["price"]))
        available = [line for line in lines if line["is_available"]]
        if available:
            available[0]["is_cheapest"] = True
            promised = [line for line in available if line.get("promised_date")]
            if promised:
                min(promised, key=lambda line: line["promised_date"])["is_fastest"] = (
                    True
                )
        self.line_ids = [Command.create(line) for line in lines]

    def _get_methods(self):
        methods = self.env["delivery.carrier"]
        methods = methods.search(methods._check_company_domain(self.company_id))
        # Which method goes where is no secret, but a warehouse user may not read zip codes.
        return (
            methods.sudo()
            .available_carriers(self.partner_id, self._get_source().sudo())
            .sudo(self.env.su)
        )

    # === ASKING === #

    def _ask_carriers(self, methods):
        """The quote of each method, or the words why there is none.

        An account is asked once for all its services, as far as its methods ask the same.
        """
        answers = {}
        for _same, group in groupby(
            methods.sudo(),
            lambda m: (
                m.shipment_account_id,
                m.shipment_package_type_id,
                m.shipping_insurance,
            ),
        ):
            answers.update(self._ask_carrier(group))
        return answers

    def _ask_carrier(self, methods):
        try:
            account = methods[0].shipment_account_id
            quotes = account._adapter().rate(self._build_request(methods[0]))
        except (base.CarrierError, UserError) as error:
            return dict.fromkeys(methods, str(error))
        answers = {}
        for method in methods:
            try:
                answers[method] = method._pick_shipment_quote(quotes)
            except base.Refused as error:
                answers[method] = str(error)
        return answers

    def _build_request(self, method):
        builder = self.env["shipment.request.builder"].sudo()
        if self.picking_id:
            request = builder._from_picking(method, self.picking_id.sudo())
            return request.model_copy(update={"service": ""})
        return builder._from_order(method, self.order_id.sudo())

    # === ANSWERS === #

    def _prepare_line(self, method, quote):
        """Values of a method's row, or nothing when it cannot be compared."""
        if isinstance(quote, str):
            return self._prepare_refusal(method, quote)
        order = self._get_order()
        if not order and not quote:
            return None
        try:
            priced = self._get_price(method, quote, order)
            vals = self._prepare_quote(quote) if quote else {}
        except UserError as error:
            return self._prepare_refusal(method, str(error))
        if not priced["success"]:
            return self._prepare_refusal(method, priced["error_message"])
        return {
            **vals,
            "delivery_carrier_id": method.id,
            "is_available": True,
            "price": priced["price"],
            "message": priced["warning_message"],
        }

    def _prepare_refusal(self, method, words):
        return {
            "delivery_carrier_id": method.id,
            "is_available": False,
            "price": 0.0,
            "message": words,
        }

    def _prepare_quote(self, quote):
        return {
            "service_name": quote.service_name,
            "quoted_amount": float(quote.total.amount),
            "quoted_currency_id": self.env["delivery.carrier"]
            ._get_shipment_currency(quote.total.currency)
            .id,
            "promised_date": quote.promised_date,
            "quote": quote.model_dump(mode="json"),
        }

    def _get_price(self, method, quote, order):
        """The price with all that Odoo does to it; without an order only the margin."""
        if order:
            return method.with_context(shipment_quote=quote).rate_shipment(order)
        price = method._convert_shipment_money(
            [quote.total], self.currency_id, self.company_id, fields.Date.today()
        )
        return {
            "success": True,
            "price": method._apply_margins(price),
            "warning_message": "\n".join(quote.warnings),
        }


class ShipmentRateCompareLine(models.TransientModel):
    _name = "shipment.rate.compare.line"
    _description = "Shipping Rate"
    _order = "wizard_id, id"

    wizard_id = fields.Many2one(
        "shipment.rate.compare", required=True, ondelete="cascade"
    )
    delivery_carrier_id = fields.Many2one(
        "delivery.carrier", string="Delivery Method", required=True
    )
    service_name = fields.Char(string="Service")
    is_available = fields.Boolean()
    is_cheapest = fields.Boolean()
    is_fastest = fields.Boolean()
    price = fields.Monetary()
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    quoted_amount = fields.Monetary(currency_field="quoted_currency_id")
    quoted_currency_id = fields.Many2one("res.currency")
    quoted_price = fields.Char(
        string="Carrier's Price",
        compute="_compute_quoted_price",
        help="As the carrier said it, in its own currency.",
    )
    promised_date = fields.Date(string="Promised")
    message = fields.Text(string="Remarks")
    quote = fields.Json()

    @api.depends("quoted_amount", "quoted_currency_id")
    def _compute_quoted_price(self):
        # The browser knows no currency that is not in use here.
        for line in self:
            currency = line.quoted_currency_id
            line.quoted_price = (
                f"{line.quoted_amount:.2f} {currency.name}" if currency else False
            )

    def action_choose(self):
        """Take this method, and keep what the carrier quoted for it."""
        self.ensure_one()
        if not self.is_available:
            raise UserError(self.message)
        wizard = self.wizard_id
        if wizard.picking_id:
            wizard.picking_id.write(
                {
                    "carrier_id": self.delivery_carrier_id.id,
                    "shipment_quote": self.quote,
                }
            )
        else:
            wizard.order_id.set_delivery_line(self.delivery_carrier_id, self.price)
            wizard.order_id.write(
                {
                    "recompute_delivery_price": False,
                    "delivery_message": self.message,
                    "shipment_quote": self.quote,
                }
            )
        return {"type": "ir.actions.act_window_close"}
