from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..adapters import base


class ShipmentAccountConnect(models.TransientModel):
    """Leads from a carrier's key to delivery methods that can be used.

    What is typed becomes an account only when the carrier has taken it.
    """

    _name = "shipment.account.connect"
    _inherit = ["shipment.credentials.mixin"]
    _description = "Connect a Carrier"
    _check_company_auto = True

    state = fields.Selection(
        [("account", "Account"), ("services", "Services"), ("done", "Ready")],
        default="account",
        required=True,
        readonly=True,
    )
    name = fields.Char(
        string="Account Name",
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    environment = fields.Selection(
        [("test", "Test"), ("production", "Production")],
        required=True,
        default="test",
        help="A test account never buys anything that has to be paid for.",
    )
    problem = fields.Text(readonly=True)
    account_id = fields.Many2one("shipment.carrier.account", readonly=True)
    method_count = fields.Integer(related="account_id.delivery_carrier_count")
    remark = fields.Text(string="The Carrier's Words", readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Sample Delivery To",
        help="Ask what the carrier offers for a parcel of 1 kg to this address. Empty asks "
        "for one to your own.",
    )
    line_ids = fields.One2many(
        "shipment.account.connect.line", "wizard_id", string="Services"
    )
    product_mode = fields.Selection(
        [
            ("shared", "One for all methods"),
            ("each", "One for each method"),
        ],
        string="Delivery Product",
        required=True,
        default="shared",
        help="The product that stands on the sales order for the delivery.",
    )
    product_id = fields.Many2one(
        "product.product",
        domain="[('type', '=', 'service')]",
        help="Leave empty to have one created.",
    )
    method_ids = fields.Many2many(
        "delivery.carrier", string="Delivery Methods", readonly=True
    )
    webhook_address = fields.Char(readonly=True)
    can_ship = fields.Boolean(related="account_id.can_ship")

    @api.depends("adapter", "environment")
    def _compute_name(self):
        names = dict(self._selection_adapter())
        for wizard in self:
            wizard.name = wizard._mark_test(names.get(wizard.adapter) or "")

    def _mark_test(self, name):
        if not name or self.environment == "production":
            return name
        return self.env._("%s (Test)", name)

    # === STEPS === #

    def action_connect(self):
        """Make the account, unless the carrier does not let us in: then say why and stay."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._connect()
        except (base.CarrierError, UserError) as error:
            self.problem = str(error)
        return self._reopen()

    def _connect(self):
        account = self.env["shipment.carrier.account"].create(
            {
                "name": self.name,
                "adapter": self.adapter,
                "company_id": self.company_id.id,
                "environment": self.environment,
                "credentials": self.credentials,
            }
        )
        if account.can_ship:
            self._offer_services(account)
            account._keep_test("connected", self._get_offer())
        else:
            # It only reports: there is nothing to ask and nothing to choose.
            self.account_id = account
            account._adapter()
            self.action_finish()
        # The account has them now; here they would only lie about.
        self.credentials = False

    def action_ask_again(self):
        """Ask the carrier what it offers to the chosen address."""
        self.ensure_one()
        try:
            self._offer_services(self.account_id, self.partner_id)
        except (base.CarrierError, UserError) as error:
            self.problem = str(error)
        return self._reopen()

    def action_create_methods(self):
        """Make a delivery method of each service that is ticked."""
        self.ensure_one()
        chosen = self.line_ids.filtered(lambda line: line.selected and not line.exists)
        if not chosen:
            raise UserError(
                self.env._("Tick the services you want to offer, or press Skip.")
            )
        methods = self.env["delivery.carrier"]
        self.method_ids = methods.create(
            methods._prepare_shipment_methods(
                self.account_id,
                {line.service: line.method_name for line in chosen},
                self._get_products(chosen),
            )
        )
        return self.action_finish()

    def action_finish(self):
        """Show what there is now, and where the carrier can report to."""
        self.ensure_one()
        self.write(
            {
                "state": "done",
                "problem": False,
                "webhook_address": self.account_id._get_webhook_address(),
            }
        )
        return self._reopen()

    def action_open_account(self):
        """Leave the assistant for the account."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "shipment.carrier.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }

    @api.model
    def _open_services(self, account):
        """Begin where an account that exists already can choose among its services."""
        wizard = self.create(
            {
                "adapter": account.adapter,
                "name": account.name,
                "company_id": account.company_id.id,
                "environment": account.environment,
            }
        )
        try:
            wizard._offer_services(account)
        except base.CarrierError as error:
            raise UserError(str(error)) from None
        return wizard._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "Connect %s", dict(self._selection_adapter())[self.adapter]
            ),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            # The carrier has been chosen.
            "context": {"default_adapter": self.adapter},
        }

    # === SERVICES === #

    def _offer_services(self, account, partner=None):
        """Ask the carrier, and list what it has; what it quoted is proposed.

        :raise base.CarrierError: it does not take our credentials, or cannot be asked.
        """
        services, refusal = account._find_services(account._adapter(), partner)
        ticked = {line.service for line in self.line_ids if line.selected}
        existing = account.delivery_carrier_ids
        taken = set(existing.mapped("shipment_service"))
        vals_list = [
            {
                "service": code,
                "name": name,
                "method_name": self._get_method_name(account, name),
                "price": quote and f"{quote.total.amount} {quote.total.currency}",
                "exists": code in taken,
                "selected": code not in taken and (bool(quote) or code in ticked),
            }
            for code, (name, quote) in services.items()
        ]
        # What can be had comes first; in the order of the carrier otherwise.
        vals_list.sort(key=lambda vals: not vals["price"])
        self.write(
            {
                "state": "services",
                "account_id": account.id,
                "problem": False,
                "remark": refusal,
                "product_id": (self.product_id or existing.product_id[:1]).id,
                "line_ids": [
                    Command.clear(),
                    *(Command.create(vals) for vals in vals_list),
                ],
            }
        )

    def _get_method_name(self, account, service):
        carrier = account.carrier_id.name
        name = service if carrier.lower() in service.lower() else f"{carrier} {service}"
        return self._mark_test(name)

    def _get_offer(self):
        offered = self.line_ids.filtered("price") or self.line_ids
        return self.remark or self.env._(
            "The carrier offers: %s", ", ".join(offered.mapped("name"))
        )

    def _get_products(self, lines):
        """The delivery product of each service's method, created where there is none."""
        products = self.env["product.product"]
        if self.product_mode == "each":
            created = products.create(
                [self._prepare_product(line.method_name) for line in lines]
            )
            return dict(zip(lines.mapped("service"), created, strict=True))
        product = self.product_id or products.create(
            self._prepare_product(
                self.env._("Delivery by %s", self.account_id.carrier_id.name)
            )
        )
        return dict.fromkeys(lines.mapped("service"), product)

    def _prepare_product(self, name):
        category = self.env.ref(
            "delivery.product_category_deliveries", raise_if_not_found=False
        )
        return {
            "name": name,
            "type": "service",
            "list_price": 0.0,
            "sale_ok": False,
            "purchase_ok": False,
            "invoice_policy": "order",
            **({"categ_id": category.id} if category else {}),
        }


class ShipmentAccountConnectLine(models.TransientModel):
    """A service the carrier offers, and the delivery method it can become."""

    _name = "shipment.account.connect.line"
    _description = "Service to Connect"

    wizard_id = fields.Many2one(
        "shipment.account.connect", required=True, ondelete="cascade", index=True
    )
    selected = fields.Boolean(string="Use")
    service = fields.Char(string="Code", required=True, readonly=True)
    name = fields.Char(string="Service", required=True, readonly=True)
    method_name = fields.Char(string="Delivery Method", required=True)
    price = fields.Char(
        string="Sample Price", readonly=True, help="For a parcel of 1 kg."
    )
    exists = fields.Boolean(
        string="In Use",
        readonly=True,
        help="There is a delivery method for it already.",
    )
