from ast import literal_eval
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, plaintext2html

from odoo.addons.shipment_visibility.canonical.selection import (
    Candidate,
    Policy,
    Reason,
    choose,
)

from .shipment_rate_desk import Offer

POLICIES = [
    (Policy.CHEAPEST.value, "The cheapest"),
    (Policy.IN_TIME.value, "The cheapest that meets the promised date"),
    (Policy.FASTEST.value, "The fastest"),
    (Policy.GIVEN.value, "A given delivery method"),
]


class ShipmentSelectionRule(models.Model):
    """Which delivery method to take, for orders and deliveries that meet its conditions.

    The first rule that matches decides; an empty condition always holds.
    """

    _name = "shipment.selection.rule"
    _description = "Selection Rule for Delivery Methods"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    # When
    country_ids = fields.Many2many("res.country", string="Countries")
    country_group_ids = fields.Many2many("res.country.group", string="Country Groups")
    warehouse_ids = fields.Many2many(
        "stock.warehouse", string="Warehouses", check_company=True
    )
    weight_min = fields.Float(string="Weight from", digits="Stock Weight")
    weight_max = fields.Float(
        string="Weight up to", digits="Stock Weight", help="0 for no limit."
    )
    weight_uom_name = fields.Char(compute="_compute_weight_uom_name")
    value_min = fields.Monetary(string="Value from")
    value_max = fields.Monetary(string="Value up to", help="0 for no limit.")
    product_tag_ids = fields.Many2many(
        "product.tag",
        string="Product Tags",
        help="One of the products has one of these.",
    )
    product_domain = fields.Char(
        string="Products", help="One of the products is one of these."
    )
    # Then
    policy = fields.Selection(POLICIES, required=True, default=Policy.CHEAPEST.value)
    delivery_carrier_id = fields.Many2one(
        "delivery.carrier", string="Delivery Method", check_company=True
    )
    candidate_ids = fields.Many2many(
        "delivery.carrier",
        string="Among",
        check_company=True,
        help="The delivery methods to choose from; all that go there when empty.",
    )
    price_limit = fields.Monetary(help="What it may cost us at most; 0 for no limit.")
    is_automatic = fields.Boolean(
        string="Automatic",
        help="Also choose without being asked: when an order is confirmed, or a delivery "
        "validated, that has no delivery method.",
    )
    is_charged = fields.Boolean(
        string="Charge the Customer",
        default=True,
        help="Add the price to an order that is confirmed. Never done when the customer has "
        "signed or paid it already.",
    )

    def _compute_weight_uom_name(self):
        unit = self.env[
            "product.template"
        ]._get_weight_uom_name_from_ir_config_parameter
        self.weight_uom_name = unit()

    @api.onchange("policy")
    def _onchange_policy(self):
        if self.policy != Policy.GIVEN.value:
            self.delivery_carrier_id = False

    @api.constrains("policy", "delivery_carrier_id")
    def _check_given(self):
        for rule in self:
            if rule.policy == Policy.GIVEN.value and not rule.delivery_carrier_id:
                raise ValidationError(
                    self.env._("%s needs the delivery method to take.", rule.name)
                )

    @api.constrains("weight_min", "weight_max", "value_min", "value_max", "price_limit")
    def _check_ranges(self):
        for rule in self:
            ranges = [
                (rule.weight_min, rule.weight_max),
                (rule.value_min, rule.value_max),
                (0.0, rule.price_limit),
            ]
            if any(
                begin < 0 or end < 0 or (end and end < begin) for begin, end in ranges
            ):
                raise ValidationError(
                    self.env._("%s has a range that nothing can be in.", rule.name)
                )

    @api.constrains("product_domain")
    def _check_product_domain(self):
        for rule in self.filtered("product_domain"):
            try:
                self.env["product.product"].search_count(rule._get_domain(), limit=1)
            except (ValueError, SyntaxError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._("%s: this is no condition for products.", rule.name)
                ) from error

    def _get_domain(self):
        return literal_eval(self.product_domain or "[]")

    # === WHEN === #

    @api.model
    def _find(self, source, automatic=False):
        """Return the first rule that is for this order or delivery, or none."""
        # Which method is taken does not depend on who may read the rules.
        rules_sudo = self.sudo().search([("company_id", "=", source.company_id.id)])
        if automatic:
            rules_sudo = rules_sudo.filtered("is_automatic")
        if not rules_sudo:
            return rules_sudo
        facts = self._prepare_facts(source.sudo())
        for rule_sudo in rules_sudo:
            if rule_sudo._matches(facts):
                return rule_sudo
        return self.browse()

    @api.model
    def _prepare_facts(self, source):
        """What the conditions of rules are about."""
        is_order = source._name == "sale.order"
        moves = source.order_line if is_order else source.move_ids
        warehouse = (
            source.warehouse_id if is_order else source.picking_type_id.warehouse_id
        )
        return {
            "country": self.env["shipment.rate.desk"]._get_partner(source).country_id,
            "warehouse": warehouse,
            "weight": source._get_estimated_weight(),
            "value": self._get_value(source),
            "products": moves.product_id,
        }

    @api.model
    def _get_value(self, source):
        """What the goods are worth in the company's currency, as the customer pays them."""
        company = source.company_id
        order = self.env["shipment.rate.desk"]._get_order(source)
        if not order:
            return sum(
                move.product_id.lst_price * move.product_qty for move in source.move_ids
            )
        return order.currency_id._convert(
            order._compute_amount_total_without_delivery(),
            company.currency_id,
            company,
            order.date_order or fields.Date.today(),
        )

    def _matches(self, facts):
        self.ensure_one()
        countries = self.country_ids | self.country_group_ids.country_ids
        return (
            (not countries or facts["country"] in countries)
            and (not self.warehouse_ids or facts["warehouse"] in self.warehouse_ids)
            and _within(facts["weight"], self.weight_min, self.weight_max, digits=4)
            and _within(facts["value"], self.value_min, self.value_max, digits=2)
            and self._matches_products(facts["products"])
        )

    def _matches_products(self, products):
        tags = self.product_tag_ids
        if tags and not products.all_product_tag_ids & tags:
            return False
        return not self.product_domain or bool(
            products.filtered_domain(self._get_domain())
        )

    # === THEN === #

    def _get_candidates(self, methods):
        """Of these delivery methods, those to choose from."""
        self.ensure_one()
        if self.policy == Policy.GIVEN.value:
            return self.delivery_carrier_id & methods
        return (self.candidate_ids & methods) if self.candidate_ids else methods

    def _pick(self, source, offers):
        """Return the best of these offers, or nothing; the others learn the reason against.

        :param list[dict] offers: values of offers, of this rule's candidates and others
        """
        self.ensure_one()
        candidates = self._get_candidates(
            self.env["delivery.carrier"].browse(
                offer["delivery_carrier_id"]
                for offer in offers
                if offer["delivery_carrier_id"]
            )
        )
        among = {
            number: offer
            for number, offer in enumerate(offers)
            if offer["delivery_carrier_id"] in candidates.ids
        }
        given = [
            number
            for number, offer in among.items()
            if offer["delivery_carrier_id"] == self.delivery_carrier_id.id
        ]
        choice = choose(
            self.policy,
            [_candidate(number, offer) for number, offer in among.items()],
            deadline=self._get_deadline(source),
            price_limit=Decimal(str(self.price_limit)) if self.price_limit else None,
            given=given[0] if given else None,
        )
        words = self._get_reason_words()
        for number, offer in enumerate(offers):
            reason = choice.against.get(number)
            offer["against"] = (
                words[reason]
                if reason
                else False
                if number in among
                else self.env._("Not among the rule's delivery methods")
            )
        return choice.best and offers[choice.best.key]

    @api.model
    def _get_deadline(self, source):
        """The day that was promised to the customer, at the customer's place."""
        order = self.env["shipment.rate.desk"]._get_order(source)
        promised = order.commitment_date
        if not promised and source._name == "stock.picking":
            promised = source.date_deadline
        if not promised:
            return None
        partner = self.env["shipment.rate.desk"]._get_partner(source)
        zone = partner.tz or source.company_id.partner_id.tz or "UTC"
        return fields.Datetime.context_timestamp(
            self.with_context(tz=zone), promised
        ).date()

    @api.model
    def _get_reason_words(self):
        return {
            Reason.REFUSED: self.env._("Cannot be had"),
            Reason.NOT_GIVEN: self.env._("The rule takes another one"),
            Reason.TOO_DEAR: self.env._("Above the rule's price limit"),
            Reason.NO_DATE: self.env._("No promised date"),
            Reason.TOO_LATE: self.env._("Too late for the promised date"),
            Reason.DEARER: self.env._("Dearer"),
            Reason.SLOWER: self.env._("Slower"),
        }

    def _prepare_choice(self, source):
        """What is kept of a choice this rule made."""
        self.ensure_one()
        policy = dict(self._fields["policy"]._description_selection(self.env))
        return {
            "rule_id": self.id,
            "reason": f"{self.name}: {policy[self.policy]}",
        }

    def _explain(self, offers):
        """Say why no offer was taken, one line for each."""
        self.ensure_one()
        lines = [
            self.env._(
                "%(offer)s: %(reason)s",
                offer=offer["name"],
                reason=offer["message"]
                if not offer["is_available"]
                else offer["against"],
            )
            for offer in offers
            if offer["delivery_carrier_id"]
        ] or [self.env._("There is no delivery method to choose from.")]
        head = self.env._("The rule “%s” found no delivery method:", self.name)
        return "\n".join([head, *(f"- {line}" for line in lines)])

    # === WITHOUT BEING ASKED === #

    @api.model
    def _choose_for(self, source, charged=True):
        """Give an order or a delivery its method by the first automatic rule, if there is one.

        What goes wrong is noted on it, and stops nothing.

        :return: the choice, or none
        """
        rule = self._find(source, automatic=True)
        choices = self.env["shipment.rate.choice"]
        if not rule:
            return choices
        offers = rule._ask(source)
        chosen = rule._pick(source, offers)
        if not chosen:
            rule._report(source, offers)
            return choices
        try:
            with self.env.cr.savepoint():
                return choices._take(
                    source,
                    chosen,
                    offers,
                    charged=charged and rule.is_charged,
                    **rule._prepare_choice(source),
                )
        except UserError as error:
            chosen |= {"is_available": False, "message": str(error)}
            rule._report(source, offers)
            return choices

    def _ask(self, source):
        """Values of the offers of this rule's candidates."""
        desk = self.env["shipment.rate.desk"]
        methods = desk._get_methods(source)
        offers = desk._collect(source, self._get_candidates(methods))
        for method in (self.delivery_carrier_id | self.candidate_ids) - methods:
            problem = self.env._("It is not for this address or these goods.")
            account = method.sudo().shipment_account_id
            offers.append(Offer(method, account, problem=problem))
        return self.env["shipment.rate.offer"]._prepare_offers(source, offers)

    def _report(self, source, offers):
        """Tell the people of an order or a delivery that a rule found nothing."""
        user = source.user_id or self.env.user
        if not user._is_internal():
            group = "shipment_visibility.shipment_group_manager"
            user = self.env["shipment.role.mixin"]._first_of_group(group, source)
        # Whoever confirms or validates may note why there is no method.
        source.sudo().activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("No delivery method was chosen"),
            note=plaintext2html(self._explain(offers)),
            user_id=user.id,
        )


def _within(value, begin, end, digits):
    return float_compare(value, begin, precision_digits=digits) >= 0 and (
        not end or float_compare(value, end, precision_digits=digits) <= 0
    )


def _candidate(number, offer):
    promised = offer["promised_date"]
    return Candidate(
        key=number,
        price=Decimal(str(offer["cost"])),
        promised_date=fields.Date.to_date(promised) if promised else None,
        problem="" if offer["is_available"] else offer["message"] or "-",
    )
