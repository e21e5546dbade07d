import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import RateQuote, ShipmentRequest

from ..adapters import base
from .delivery_carrier import TYPE
from .shipment_carrier_calls import Call

# Seconds a person waits for the slowest carrier, and for one that is asked again.
BUDGET = 5
PATIENCE = 15
# What of a request does not change its price.
NOT_PRICED = {"idempotency_key", "ship_date", "remote_id", "label_format", "service"}


def content_hash(request):
    """What parcels to what address a price was told for, as a short text to compare."""
    content = request.model_dump(mode="json", exclude=NOT_PRICED)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(slots=True)
class Offer:
    """What a delivery method would cost, or a service that no method has yet.

    :ivar price: in the order's currency, with all that Odoo does to it.
    :ivar cost: what we would pay, in the company's currency.
    :ivar problem: why it cannot be had; empty when it can.
    """

    method: Any
    account: Any
    service: str = ""
    quote: RateQuote | None = None
    request: ShipmentRequest | None = None
    price: float = 0.0
    cost: float = 0.0
    problem: str = ""
    remark: str = ""
    is_late: bool = False


@dataclass(slots=True)
class Question:
    """What is asked of one account: for all methods that ask the same, and all services."""

    account: Any
    request: ShipmentRequest
    methods: list = field(default_factory=list)
    wants_services: bool = False


class ShipmentRateDesk(models.AbstractModel):
    """Asks what an order or a delivery would cost by several delivery methods at a time.

    ``source`` is that order or delivery; whoever calls has checked that it may be read.
    """

    _name = "shipment.rate.desk"
    _description = "Rate Desk"

    # === WHAT TO COMPARE === #

    @api.model
    def _get_order(self, source):
        # A warehouse user has no right to the sales order of the delivery.
        source = source.sudo()
        return source if source._name == "sale.order" else source.sale_id

    @api.model
    def _get_partner(self, source):
        if source._name == "sale.order":
            return source.partner_shipping_id
        return source.partner_id or self._get_order(source).partner_shipping_id

    @api.model
    def _get_currency(self, source):
        return self._get_order(source).currency_id or source.company_id.currency_id

    @api.model
    def _get_methods(self, source):
        """The delivery methods that go where the source goes."""
        methods = self.env["delivery.carrier"]
        methods = methods.search(methods._check_company_domain(source.company_id))
        # Which method goes where is no secret, but a warehouse user may not read zip codes.
        return (
            methods.sudo()
            .available_carriers(self._get_partner(source), source.sudo())
            .sudo(self.env.su)
        )

    @api.model
    def _get_accounts(self, source):
        """The accounts whose services can be made delivery methods by this user."""
        accounts = self.env["shipment.carrier.account"]
        if not self.env["delivery.carrier"].has_access("create"):
            return accounts
        available = accounts._available_adapters()
        return accounts.search([("company_id", "=", source.company_id.id)]).filtered(
            lambda account: (
                account.adapter in available
                and "rate" in available[account.adapter].capabilities()
            )
        )

    # === ASKING === #

    @api.model
    def _collect(self, source, methods, accounts=None, budget=BUDGET):
        """Return an offer of each method, and of each service of the accounts without one.

        An account is asked once for all that asks the same, all of them at a time.

        :param float budget: seconds after which those that are silent are given up.
        """
        ours = methods.filtered(lambda method: method.delivery_type == TYPE)
        offers = [self._ask_odoo(source, method) for method in methods - ours]
        questions = self._prepare_questions(source, ours, accounts or [], offers)
        calls = [
            Call(question, question.account, "rate", (question.request,))
            for question in questions
        ]
        begin = time.monotonic()
        asked = self.env["shipment.carrier.calls"]._run(calls, budget=budget)
        for call, result in asked:
            is_late = bool(budget) and time.monotonic() - begin >= budget
            offers += self._read_answer(source, call.key, result, budget, is_late)
        return [offer for offer in offers if offer]

    @api.model
    def _ask_odoo(self, source, method):
        """The offer of a method that is not ours; nothing where there is no order to price."""
        offer = Offer(method, self.env["shipment.carrier.account"])
        return self._get_order(source) and self._priced(source, offer)

    @api.model
    def _prepare_questions(self, source, methods, accounts, offers):
        """Questions to carriers; a method that cannot be asked for goes to the offers."""
        questions = {}
        for method in methods:
            account = method.sudo().shipment_account_id
            try:
                method._check_shipment_company(source.company_id)
                request = self._prepare_request(source, method)
            except UserError as error:
                offers.append(Offer(method, account, problem=str(error)))
                continue
            same = (account.id, request.model_dump_json())
            question = questions.setdefault(same, Question(account, request))
            question.methods.append(method)
        for account in accounts:
            self._ask_for_services(source, account, questions, offers)
        return list(questions.values())

    @api.model
    def _ask_for_services(self, source, account, questions, offers):
        for question in questions.values():
            if question.account == account:
                question.wants_services = True
                return
        method = self.env["delivery.carrier"].new(
            {"delivery_type": TYPE, "shipment_account_id": account.id}
        )
        try:
            request = self._prepare_request(source, method)
        except UserError as error:
            offers.append(Offer(self._no_method(), account, problem=str(error)))
            return
        questions[account.id] = Question(account, request, wants_services=True)

    @api.model
    def _no_method(self):
        return self.env["delivery.carrier"]

    @api.model
    def _prepare_request(self, source, method):
        # Whoever may read the source may know its price.
        builder = self.env["shipment.request.builder"].sudo()
        if source._name == "sale.order":
            request = builder._from_order(method, source.sudo())
        else:
            request = builder._from_picking(method, source.sudo())
        # The price does not depend on the file's format, and all services are wanted.
        return request.model_copy(update={"service": "", "label_format": "PDF"})

    # === ANSWERS === #

    @api.model
    def _read_answer(self, source, question, result, budget, is_late):
        if isinstance(result, base.CarrierError | UserError):
            return self._read_refusal(question, result, budget, is_late)
        if isinstance(result, Exception):
            raise result
        offers = []
        for method in question.methods:
            offer = Offer(method, question.account, request=question.request)
            try:
                offer.quote = method._pick_shipment_quote(result)
            except base.Refused as error:
                offer.problem = str(error)
            offers.append(offer)
        if question.wants_services:
            offers += self._offer_services(question, result)
        return [self._priced(source, offer) for offer in offers]

    @api.model
    def _read_refusal(self, question, error, budget, is_late):
        is_late = is_late and isinstance(error, base.Unavailable)
        problem = str(error)
        if is_late:
            problem = self.env._(
                "%(carrier)s has not answered within %(seconds)d s.",
                carrier=question.account.carrier_id.name or question.account.name,
                seconds=budget,
            )
        methods = question.methods or [self._no_method()]
        return [
            Offer(method, question.account, problem=problem, is_late=is_late)
            for method in methods
        ]

    @api.model
    def _offer_services(self, question, quotes):
        """Offers of services that no delivery method of the account books yet."""
        taken = set(
            self._no_method()
            .sudo()
            .search([("shipment_account_id", "=", question.account.id)])
            .mapped("shipment_service")
        )
        offers = []
        for quote in quotes:
            if quote.service not in taken:
                taken.add(quote.service)
                offers.append(
                    Offer(
                        self._no_method(),
                        question.account,
                        quote=quote,
                        request=question.request,
                    )
                )
        return offers

    # === PRICES === #

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
