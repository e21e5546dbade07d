from odoo import api, fields, models

from odoo.addons.shipment_visibility.models.shipment_charge import AMOUNTS

from .shipment_rate_desk import content_hash

# Who compares prices: who sees freight amounts, and who sells.
PRICES = f"{AMOUNTS},sales_team.group_sale_salesman"


class ShipmentRateMixin(models.AbstractModel):
    """An offer as people see it: while they compare, and later when it is asked why."""

    _name = "shipment.rate.mixin"
    _description = "Shipping Rate"

    name = fields.Char(string="Offer", readonly=True)
    delivery_carrier_id = fields.Many2one(
        "delivery.carrier", string="Delivery Method", readonly=True
    )
    account_id = fields.Many2one(
        "shipment.carrier.account", string="Carrier Account", readonly=True
    )
    service = fields.Char(string="Service Code", readonly=True)
    service_name = fields.Char(string="Service", readonly=True)
    source = fields.Char(
        readonly=True,
        help="Where the price comes from: the account, and what the carrier says of it.",
    )
    is_available = fields.Boolean(readonly=True)
    is_late = fields.Boolean(
        readonly=True, help="The carrier had not answered when the others had."
    )
    is_cheapest = fields.Boolean(readonly=True)
    is_fastest = fields.Boolean(readonly=True)
    price = fields.Monetary(
        readonly=True, groups=PRICES, help="What the customer would be charged."
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    cost = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        groups=PRICES,
        help="What the carrier would charge us, in the company's currency.",
    )
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    quoted_amount = fields.Monetary(
        currency_field="quoted_currency_id", readonly=True, groups=PRICES
    )
    quoted_currency_id = fields.Many2one("res.currency", readonly=True)
    quoted_price = fields.Char(
        string="Carrier's Price",
        compute="_compute_quoted_price",
        groups=PRICES,
        help="As the carrier said it, in its own currency.",
    )
    promised_date = fields.Date(string="Promised", readonly=True)
    transit_days = fields.Integer(readonly=True)
    transit = fields.Char(compute="_compute_transit")
    message = fields.Text(string="Remarks", readonly=True)
    quote = fields.Json(readonly=True, groups=PRICES)
    request_hash = fields.Char(
        readonly=True,
        help="Of the parcels and the address the carrier was asked about.",
    )

    @api.depends("quoted_amount", "quoted_currency_id")
    def _compute_quoted_price(self):
        # The browser knows no currency that is not in use here.
        for offer in self:
            currency = offer.quoted_currency_id
            offer.quoted_price = (
                f"{offer.quoted_amount:.{currency.decimal_places}f} {currency.name}"
                if currency
                else False
            )

    @api.depends("transit_days", "promised_date")
    def _compute_transit(self):
        for offer in self:
            days = offer.transit_days
            if not offer.promised_date:
                offer.transit = False
            elif days == 1:
                offer.transit = self.env._("1 day")
            else:
                offer.transit = self.env._("%s days", days)

    @api.model
    def _prepare_offers(self, source, offers):
        """Values of what the rate desk has collected, ranked."""
        return self._rank([self._prepare_offer(source, offer) for offer in offers])

    @api.model
    def _rank(self, vals_list):
        """Those that can be had first, the cheapest first, and the best marked."""
        available = [vals for vals in vals_list if vals["is_available"]]
        dated = [vals for vals in available if vals["promised_date"]]
        cheapest = min(available, key=lambda vals: vals["cost"], default=None)
        fastest = min(
            dated, key=lambda vals: (vals["promised_date"], vals["cost"]), default=None
        )
        return [
            {**vals, "is_cheapest": vals is cheapest, "is_fastest": vals is fastest}
            for vals in sorted(
                vals_list,
                key=lambda vals: (
                    not vals["is_available"],
                    vals["price"],
                    vals["cost"],
                ),
            )
        ]

    @api.model
    def _prepare_offer(self, source, offer):
        account, quote = offer.account, offer.quote
        name = offer.method.name
        if not name:
            name = " ".join(filter(None, [account.name, quote and quote.service_name]))
        said = [account.name, quote and quote.source]
        vals = {
            "name": name,
            "delivery_carrier_id": offer.method.id,
            "account_id": account.id,
            "service": offer.service or offer.method.sudo().shipment_service,
            "is_available": not offer.problem,
            "is_late": offer.is_late,
            "promised_date": False,
            "quote": False,
            "price": offer.price,
            "currency_id": self.env["shipment.rate.desk"]._get_currency(source).id,
            "cost": offer.cost,
            "company_currency_id": source.company_id.currency_id.id,
            "source": " · ".join(filter(None, said)),
            "message": offer.problem or offer.remark,
        }
        if quote:
            currency = self.env["delivery.carrier"]._get_shipment_currency
            vals |= {
                "service_name": quote.service_name,
                "quoted_amount": float(quote.total.amount),
                "quoted_currency_id": currency(quote.total.currency).id,
                "promised_date": quote.promised_date,
                "transit_days": quote.promised_date
                and (quote.promised_date - offer.request.ship_date).days,
                "request_hash": content_hash(offer.request),
                "quote": quote.model_dump(mode="json"),
            }
        return vals

    def _prepare_vals(self):
        """The values that make the same offer elsewhere."""
        self.ensure_one()
        fields_ = self.env["shipment.rate.mixin"]._fields
        # Who may not see prices may choose all the same.
        offer_sudo = self.sudo()
        return self._convert_to_write(
            {
                name: offer_sudo[name]
                for name, field in fields_.items()
                if field.store and name != "id"
            }
        )


class ShipmentRateOffer(models.Model):
    """One of the offers a choice was made from."""

    _name = "shipment.rate.offer"
    _inherit = ["shipment.rate.mixin"]
    _description = "Shipping Offer"
    _order = "choice_id, id"

    choice_id = fields.Many2one(
        "shipment.rate.choice", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="choice_id.company_id", store=True, index=True)
    delivery_carrier_id = fields.Many2one(ondelete="set null")
    account_id = fields.Many2one(ondelete="set null")
    is_chosen = fields.Boolean(readonly=True)
    against = fields.Char(
        string="Not Chosen Because", readonly=True, help="What the rule had against it."
    )


class ShipmentRateChoice(models.Model):
    """Which offer was taken for an order or a delivery: by whom, why, and instead of what.

    Written once by :meth:`_take`, by nobody else, and never changed.
    """

    _name = "shipment.rate.choice"
    _description = "Choice of a Delivery Method"
    _order = "id desc"

    order_id = fields.Many2one(
        "sale.order", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    user_id = fields.Many2one("res.users", string="Chosen By", readonly=True)
    create_date = fields.Datetime(string="Chosen On")
    rule_id = fields.Many2one(
        "shipment.selection.rule",
        string="Selection Rule",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    reason = fields.Char(readonly=True)
    offer_ids = fields.One2many(
        "shipment.rate.offer", "choice_id", string="Offers", readonly=True
    )
    chosen_name = fields.Char(string="Chosen", compute="_compute_offers")
    price = fields.Monetary(compute="_compute_offers", groups=PRICES)
    currency_id = fields.Many2one("res.currency", compute="_compute_offers")
    cost = fields.Monetary(
        compute="_compute_offers",
        currency_field="company_currency_id",
        groups=PRICES,
    )
    cheapest_name = fields.Char(string="Cheapest", compute="_compute_offers")
    cheapest_cost = fields.Monetary(
        string="Cost of the Cheapest",
        compute="_compute_offers",
        groups=PRICES,
        currency_field="company_currency_id",
    )
    extra_cost = fields.Monetary(
        string="More than the Cheapest",
        compute="_compute_offers",
        groups=PRICES,
        currency_field="company_currency_id",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )

    @api.depends("offer_ids")
    def _compute_offers(self):
        for choice in self:
            # The fields' own groups say who sees the prices.
            chosen_sudo = choice.sudo()._get_chosen()
            cheapest_sudo = choice.sudo().offer_ids.filtered("is_cheapest")[:1]
            choice.chosen_name = chosen_sudo.name
            choice.price = chosen_sudo.price
            choice.currency_id = chosen_sudo.currency_id
            choice.cost = chosen_sudo.cost
            choice.cheapest_name = cheapest_sudo.name
            choice.cheapest_cost = cheapest_sudo.cost
            choice.extra_cost = chosen_sudo.cost - cheapest_sudo.cost

    def _get_chosen(self):
        return self.offer_ids.filtered("is_chosen")[:1]

    @api.depends("chosen_name")
    def _compute_display_name(self):
        for choice in self:
            choice.display_name = choice.chosen_name or self.env._("Offers")

    @api.model
    def _record(self, source, chosen, offers_vals, **vals):
        """Keep which of the offers was taken.

        :param dict chosen: the one of ``offers_vals`` that was taken.
        """
        is_order = source._name == "sale.order"
        return self.sudo().create(
            {
                "order_id": source.id if is_order else False,
                "picking_id": False if is_order else source.id,
                "company_id": source.company_id.id,
                "user_id": self.env.uid,
                "offer_ids": [
                    fields.Command.create({**offer, "is_chosen": offer is chosen})
                    for offer in offers_vals
                ],
                **vals,
            }
        )

    @api.model
    def _take(self, source, chosen, offers_vals, charged=True, **vals):
        """Give an order or a delivery the chosen method, and keep the alternatives.

        :param bool charged: whether the customer pays for it by a line of the order.
        """
        method = self.env["delivery.carrier"].browse(chosen["delivery_carrier_id"])
        if source._name == "stock.picking":
            source.carrier_id = method
            # Who may not see the quote may choose what was quoted.
            source.sudo().shipment_quote = chosen["quote"]
        else:
            self._take_for_order(source, method, chosen, charged)
        return self._record(source, chosen, offers_vals, **vals)

    @api.model
    def _take_for_order(self, order, method, chosen, charged):
        if charged:
            order.set_delivery_line(method, chosen["price"])
        order.write(
            {
                "carrier_id": method.id,
                "recompute_delivery_price": False,
                "delivery_message": chosen["message"],
            }
        )
        # Whoever confirms an order need not be allowed to see the quote.
        order.sudo().shipment_quote = chosen["quote"]

    def _show(self):
        """Open the newest of these, or all when there are several."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_rate_choice_action"
        )
        if len(self) == 1:
            action |= {"res_id": self.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", self.ids)]}
