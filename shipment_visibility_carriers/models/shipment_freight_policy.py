from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.shipment_visibility.canonical.schema import CHARGE_FAMILIES
from odoo.addons.shipment_visibility.models.shipment_charge import FAMILIES

# Charges of these families are posted apart: they are no freight.
OF_CUSTOMS = ("duty", "brokerage")


class ShipmentFreightPolicy(models.Model):
    """How a company checks and posts what carriers ask for. One a company."""

    _name = "shipment.freight.policy"
    _description = "Freight Policy"
    _check_company_auto = True
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    journal_id = fields.Many2one(
        "account.journal",
        string="Bill Journal",
        check_company=True,
        domain="[('type', '=', 'purchase')]",
        help="Empty: the first purchase journal.",
    )
    account_ids = fields.One2many("shipment.freight.account", "policy_id", copy=True)
    tolerance_ids = fields.One2many(
        "shipment.freight.tolerance", "policy_id", copy=True
    )
    disputed = fields.Selection(
        [
            ("hold", "Leave Them out of the Bill"),
            ("account", "Post Them to the Dispute Account"),
        ],
        string="Disputed Lines",
        required=True,
        default="hold",
        help="Whether what is disputed is paid. What is left out is billed when the dispute is "
        "lost.",
    )
    dispute_account_id = fields.Many2one("account.account", check_company=True)
    accrual_journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
    )
    accrual_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        help="Where freight stands that is booked and not invoiced yet.",
    )
    landed_automatic = fields.Boolean(
        string="Landed Costs at Approval",
        help="Make draft landed costs of inbound freight when a carrier invoice is approved.",
    )
    has_landed_costs = fields.Boolean(compute="_compute_has_landed_costs")
    analytic = fields.Selection(
        [
            ("none", "None"),
            ("warehouse", "By Warehouse"),
            ("order", "By Sales Order"),
        ],
        string="Analytic Distribution",
        required=True,
        default="none",
    )
    approve_below = fields.Monetary(
        string="Approve below",
        help="An invoice approves itself when no more than this is at stake in all. 0: never.",
    )
    sample_share = fields.Float(
        string="Samples",
        digits=(5, 4),
        default=0.05,
        help="The share of invoices that could approve themselves and are reviewed all the same.",
    )

    _company_uniq = models.UniqueIndex(
        "(company_id)", "A company has one freight policy."
    )
    _sample_range = models.Constraint(
        "CHECK (sample_share BETWEEN 0 AND 1 AND approve_below >= 0)",
        "Samples are a share between 0 and 100 %, and a limit is not negative.",
    )

    def _compute_has_landed_costs(self):
        # Landed costs are not needed, but made where they are installed.
        self.has_landed_costs = "stock.landed.cost" in self.env

    @api.constrains("disputed", "dispute_account_id")
    def _check_dispute_account(self):
        for policy in self:
            if policy.disputed == "account" and not policy.dispute_account_id:
                raise ValidationError(
                    self.env._("Choose the account to which disputed lines are posted.")
                )

    @api.model
    def _of(self, company):
        """Return the policy of a company, created when it has none."""
        # Whoever checks an invoice need not be allowed to set the rules.
        policies_sudo = self.sudo()
        return policies_sudo.search(
            [("company_id", "=", company.id)], limit=1
        ) or policies_sudo.create({"company_id": company.id})

    @api.model
    def action_open(self):
        """Open the policy of the current company."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Freight Policy"),
            "res_model": self._name,
            "view_mode": "form",
            "res_id": self._of(self.env.company).id,
        }

    def _find_account(self, family):
        """Return the row that says where charges of a family are posted.

        :raise UserError: none does.
        """
        row = self._find_row(family)
        if not row:
            raise UserError(
                self.env._(
                    "Say in the freight policy to which account charges of the family "
                    "“%(family)s” are posted.",
                    family=FAMILIES[family],
                )
            )
        return row

    def _find_row(self, family):
        """Return the row of a family, or the one of all others, if there is one."""
        self.ensure_one()
        rows = self.account_ids.sorted("sequence")
        own = rows.filtered(lambda row: row.family == family)
        return (own or rows.filtered(lambda row: not row.family))[:1]


class ShipmentFreightAccount(models.Model):
    """Where charges of a family are posted."""

    _name = "shipment.freight.account"
    _description = "Account of a Charge Family"
    _order = "sequence, id"
    _check_company_auto = True

    policy_id = fields.Many2one(
        "shipment.freight.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    family = fields.Selection(
        [(family, FAMILIES[family]) for family in CHARGE_FAMILIES if family != "info"],
        help="Empty: all families that are not named.",
    )
    account_id = fields.Many2one("account.account", required=True, check_company=True)
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        domain="[('type_tax_use', '=', 'purchase')]",
    )
    landed_product_id = fields.Many2one(
        "product.product",
        string="Landed Cost",
        check_company=True,
        domain="[('type', '=', 'service')]",
        help="The product of landed costs of inbound freight. Empty: none are made.",
    )


class ShipmentFreightTolerance(models.Model):
    """How much more than expected is taken without a question."""

    _name = "shipment.freight.tolerance"
    _description = "Freight Tolerance"
    _order = "policy_id, carrier_id, family, id"

    policy_id = fields.Many2one(
        "shipment.freight.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    currency_id = fields.Many2one(related="policy_id.currency_id")
    carrier_id = fields.Many2one("shipment.carrier", help="Empty: all carriers.")
    family = fields.Selection(
        [(family, FAMILIES[family]) for family in CHARGE_FAMILIES if family != "info"],
        help="Empty: all families that are not named.",
    )
    amount = fields.Monetary(
        help="In the company's currency. 0 sets no limit, if there is a percentage."
    )
    share = fields.Float(string="Percent", digits=(5, 4))

    _range = models.Constraint(
        "CHECK (amount >= 0 AND share >= 0)", "A tolerance is not negative."
    )
