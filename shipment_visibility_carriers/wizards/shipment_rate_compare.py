from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.shipment_rate_desk import BUDGET, PATIENCE


class ShipmentRateCompare(models.TransientModel):
    """What each delivery method would cost for an order or a delivery, side by side."""

    _name = "shipment.rate.compare"
    _description = "Compare Shipping Rates"

    order_id = fields.Many2one("sale.order", readonly=True)
    picking_id = fields.Many2one("stock.picking", string="Delivery", readonly=True)
    partner_id = fields.Many2one("res.partner", compute="_compute_source")
    rule_id = fields.Many2one("shipment.selection.rule", compute="_compute_source")
    line_ids = fields.One2many("shipment.rate.compare.line", "wizard_id", readonly=True)

    @api.depends("order_id", "picking_id")
    def _compute_source(self):
        for wizard in self:
            source = wizard._get_source()
            wizard.partner_id = self.env["shipment.rate.desk"]._get_partner(source)
            wizard.rule_id = self.env["shipment.selection.rule"]._find(source)

    def _get_source(self):
        return self.picking_id or self.order_id

    @api.model
    def _open(self, vals):
        return self.create(vals)._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Shipping Rates"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
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
        source = self._get_source()
        source.check_access("read")
        desk = self.env["shipment.rate.desk"]
        self._show(
            self._ask(desk._get_methods(source), desk._get_accounts(source), BUDGET)
        )

    def _ask(self, methods, accounts, budget):
        source = self._get_source()
        offers = self.env["shipment.rate.desk"]._collect(
            source, methods, accounts, budget
        )
        return [self.line_ids._prepare_offer(source, offer) for offer in offers]

    def _show(self, vals_list):
        # Whoever may not see the prices has the offers in their order.
        self.sudo().line_ids = [
            Command.clear(),
            *map(Command.create, self.line_ids._rank(vals_list)),
        ]

    def _refresh(self, account):
        """Ask one account again, patiently, and leave the others as they are."""
        desk = self.env["shipment.rate.desk"]
        source = self._get_source()
        others = [
            line._prepare_vals() for line in self.line_ids if line.account_id != account
        ]
        methods = desk._get_methods(source)
        mine = methods.filtered(lambda m: m.sudo().shipment_account_id == account)
        accounts = desk._get_accounts(source) & account
        self._show(others + self._ask(mine, accounts, PATIENCE))

    def action_choose_best(self):
        """Take what the selection rule for this order or delivery would take."""
        self.ensure_one()
        source = self._get_source()
        rule = self.rule_id
        if not rule:
            raise UserError(self.env._("There is no selection rule for this."))
        vals_list = [line._prepare_vals() for line in self.line_ids]
        chosen = rule._pick(source, vals_list)
        if not chosen:
            raise UserError(rule._explain(vals_list))
        self.env["shipment.rate.choice"]._take(
            source, chosen, vals_list, **rule._prepare_choice(source)
        )
        return {"type": "ir.actions.act_window_close"}


class ShipmentRateCompareLine(models.TransientModel):
    _name = "shipment.rate.compare.line"
    _inherit = ["shipment.rate.mixin"]
    _description = "Shipping Rate"
    _order = "wizard_id, id"

    wizard_id = fields.Many2one(
        "shipment.rate.compare", required=True, ondelete="cascade"
    )
    can_choose = fields.Boolean(compute="_compute_can_choose")

    @api.depends("is_available")
    def _compute_can_choose(self):
        can_make = self.env["delivery.carrier"].has_access("create")
        for line in self:
            line.can_choose = line.is_available and (
                can_make or bool(line.delivery_carrier_id)
            )

    def action_choose(self):
        """Take this offer, and keep what the carriers quoted for it and the others.

        A service without a delivery method gets one.
        """
        self.ensure_one()
        if not self.is_available:
            raise UserError(self.message)
        if not self.delivery_carrier_id:
            self.delivery_carrier_id = self.env["shipment.rate.desk"]._make_method(
                self.account_id, self.service, self.service_name
            )
        wizard = self.wizard_id
        vals_list = [line._prepare_vals() for line in wizard.line_ids]
        chosen = vals_list[wizard.line_ids.ids.index(self.id)]
        self.env["shipment.rate.choice"]._take(
            wizard._get_source(),
            chosen,
            vals_list,
            reason=self.env._("Chosen by hand"),
        )
        return {"type": "ir.actions.act_window_close"}

    def action_refresh(self):
        """Ask this line's carrier once more."""
        self.ensure_one()
        wizard = self.wizard_id
        wizard._refresh(self.account_id)
        return wizard._reopen()
