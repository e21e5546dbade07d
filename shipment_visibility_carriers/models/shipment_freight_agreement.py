from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.shipment_visibility.canonical.freight import CUSTOMS
from odoo.addons.shipment_visibility.canonical.reinvoice import (
    AT_COST,
    Basis,
    Policy,
    customer_price,
    still_to_invoice,
)

from .shipment_freight_cost import APPROVED

# What shipments sold by the other company cost by approved invoices, without what is
# disputed, beside what of it was recharged: those of which the two differ.
DUE = """
    SELECT shipment_id, sum(cost)
      FROM (
            SELECT line.shipment_id,
                   line.amount_company - CASE WHEN line.amount = 0 THEN 0 ELSE
                       line.amount_company * line.disputed_amount / line.amount END AS cost,
                   0 AS recharged
              FROM shipment_carrier_invoice_line AS line
              JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
             WHERE line.company_id = %(company)s AND invoice.state IN %(approved)s
                   AND line.family NOT IN %(left_out)s
                   AND EXISTS (
                       SELECT 1
                         FROM shipment_picking_rel AS rel
                         JOIN stock_picking AS picking ON picking.id = rel.picking_id
                         JOIN sale_order AS sale ON sale.id = picking.sale_id
                         JOIN res_partner AS partner ON partner.id = sale.partner_id
                        WHERE rel.shipment_id = line.shipment_id
                              AND (sale.company_id = %(seller)s
                                   OR partner.commercial_partner_id = %(partner)s)
                   )
         UNION ALL
            SELECT line.shipment_id, 0, line.cost
              FROM shipment_freight_recharge_line AS line
             WHERE line.company_id = %(company)s AND line.selling_company_id = %(seller)s
                   AND NOT line.is_cancelled
           ) AS side
  GROUP BY shipment_id
    HAVING abs(sum(cost) - sum(recharged)) >= %(least)s
  ORDER BY shipment_id
"""


class ShipmentFreightAgreement(models.Model):
    """One company ships what another one sells, and has it pay the freight, once."""

    _name = "shipment.freight.agreement"
    _description = "Freight Between Companies"
    _check_company_auto = True
    _order = "company_id, selling_company_id, id"

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        string="Ships",
        required=True,
        default=lambda self: self.env.company,
        help="The company that the carrier bills.",
    )
    selling_company_id = fields.Many2one(
        "res.company",
        string="Sells",
        required=True,
        help="The company that sells what is shipped, and pays for it.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        required=True,
        domain="[('type', '=', 'service'), ('company_id', '=', False)]",
        help="Gives the accounts and the taxes of the invoice and of the bill.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Invoice Journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Empty: the first sales journal of the company that ships.",
    )
    bill_journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'purchase'), ('company_id', '=', selling_company_id)]",
        help="Empty: the first purchase journal of the company that sells.",
    )
    margin = fields.Float(
        digits=(5, 4), help="Added to what the carrier bills. 0: at cost."
    )
    with_customs = fields.Boolean(
        string="Customs Too",
        help="Recharge duties, taxes and brokerage that the carrier bills as well.",
    )
    timing = fields.Selection(
        [
            ("approval", "When a Carrier Invoice Is Approved"),
            ("month", "Once a Month"),
            ("manual", "By Hand"),
        ],
        string="When",
        required=True,
        default="month",
    )
    is_posted = fields.Boolean(
        string="Post Both", help="Else the invoice and the bill are drafts."
    )
    last_run = fields.Datetime(readonly=True, copy=False)
    recharge_ids = fields.One2many("shipment.freight.recharge", "agreement_id")

    _pair_uniq = models.UniqueIndex(
        "(company_id, selling_company_id) WHERE active",
        "These companies have agreed already.",
    )
    _pair_differs = models.Constraint(
        "CHECK (company_id <> selling_company_id AND margin >= 0)",
        "A company recharges another one, and no less than the cost.",
    )

    @api.constrains("bill_journal_id", "selling_company_id", "product_id")
    def _check_other_company(self):
        for agreement in self:
            journal = agreement.bill_journal_id
            if journal and journal.company_id != agreement.selling_company_id:
                raise ValidationError(
                    self.env._("The bill's journal is one of the company that sells.")
                )
            if agreement.product_id.company_id:
                raise ValidationError(
                    self.env._("Both companies need the product: share it.")
                )

    @api.depends("company_id", "selling_company_id")
    def _compute_display_name(self):
        for agreement in self:
            agreement.display_name = (
                f"{agreement.company_id.name} → {agreement.selling_company_id.name}"
            )

    # === WHEN === #

    def action_recharge(self):
        """Recharge what is due now.

        :raise UserError: nothing is.
        """
        self.check_access("read")
        # Who invoices may recharge, but the pair is made of two companies' documents.
        made = self.sudo()._recharge().sudo(self.env.su)
        if not made:
            raise UserError(self.env._("There is nothing to recharge."))
        return made._get_records_action(name=self.env._("Recharged Freight"))

    def action_view_recharges(self):
        """Open what was recharged so far."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_freight_recharge_action"
        )
        action["domain"] = [("agreement_id", "in", self.ids)]
        return action

    @api.model
    def _cron_recharge(self):
        """Recharge what is recharged once a month, when a month is over."""
        today = fields.Date.context_today(self)
        begin = fields.Date.start_of(today, "month")
        self.search(
            [
                ("timing", "=", "month"),
                "|",
                ("last_run", "=", False),
                ("last_run", "<", begin),
            ]
        )._recharge_later()

    def _recharge_later(self):
        for agreement in self:
            agreement.with_delay(
                identity_key=f"shipment-freight-agreement-{agreement.id}",
                description=self.env._(
                    "Recharge freight: %(pair)s", pair=agreement.display_name
                ),
            )._job_recharge()

    def _job_recharge(self):
        """Recharge what is due. Safe to repeat: what was recharged is not due any more.

        :raise RetryableJobError: somebody else is recharging.
        """
        # Whoever approved the carrier's invoice need not work for both companies.
        agreements_sudo = self.sudo().exists().filtered("active")
        try:
            made_sudo = agreements_sudo._recharge()
        except LockError as error:
            raise RetryableJobError(str(error), seconds=10) from error
        return ", ".join(made_sudo.mapped("name")) or self.env._("Nothing was due")

    # === WHAT === #

    def _recharge(self):
        """Make an invoice and a bill of what is due; return the pairs."""
        made = self.env["shipment.freight.recharge"]
        for agreement in self:
            # Two at once would recharge the same: the second waits, or is repeated.
            agreement.lock_for_update()
            agreement.last_run = fields.Datetime.now()
            agreement.flush_recordset()
            lines = agreement._prepare_lines()
            total = sum(line["amount"] for line in lines)
            if not agreement.currency_id.is_zero(total):
                made |= made._make(agreement, lines)
        return made

    def _prepare_lines(self):
        """What is still to be recharged of each shipment."""
        costs = self._read_due()
        shipments = self.env["shipment.shipment"].browse(costs)
        ledger = self.env["shipment.freight.recharge.line"].search(
            [
                ("shipment_id", "in", shipments.ids),
                ("company_id", "=", self.company_id.id),
                ("selling_company_id", "=", self.selling_company_id.id),
                ("is_cancelled", "=", False),
            ]
        )
        known = ledger.grouped("shipment_id")
        policy = self._get_policy()
        currency = self.currency_id
        lines = []
        for shipment in shipments:
            cost = currency._round_exact(costs[shipment.id])
            shares = shipment._share_with_deliveries(cost, currency)
            mine = [share for p, share in shares.items() if self._is_sold(p)]
            own = known.get(shipment, ledger.browse())
            price = customer_price(
                policy,
                Decimal(0),
                None,
                sum(mine, Decimal(0)),
                currency._round_exact,
                currency.name,
            )
            invoiced = {line.id: currency._round_exact(line.amount) for line in own}
            due = still_to_invoice(price, invoiced)
            if due:
                lines.append(
                    {
                        "shipment_id": shipment.id,
                        "cost": float(cost) - sum(own.mapped("cost")),
                        "amount": float(due),
                    }
                )
        return lines

    def _read_due(self):
        """What shipments cost of which something else was recharged: ``{id: amount}``."""
        self.env.flush_all()
        left_out = ("info",) if self.with_customs else ("info", *CUSTOMS)
        self.env.cr.execute(
            SQL(
                DUE,
                company=self.company_id.id,
                seller=self.selling_company_id.id,
                partner=self.selling_company_id.partner_id.id,
                approved=APPROVED,
                left_out=left_out,
                least=self.currency_id.rounding / 2,
            )
        )
        return dict(self.env.cr.fetchall())

    def _get_policy(self):
        """At cost, or with the margin that was agreed."""
        if not self.margin:
            return AT_COST
        return Policy(
            Basis.REAL, margin_percent=Decimal(f"{self.margin:.4f}") * Decimal(100)
        )

    def _is_sold(self, picking):
        """Whether the other company pays for a delivery.

        Its own order was shipped here; or it bought here what its customer has ordered, and
        the order that it placed does not ask for freight itself.
        """
        order = picking.sale_id
        if order.company_id == self.selling_company_id:
            return True
        buyer = order.partner_id.commercial_partner_id
        return buyer == self.selling_company_id.partner_id and not any(
            line.is_delivery and line.price_unit for line in order.order_line
        )


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _propagate_real_cost(self):
        """Override: other companies pay for what was shipped for them."""
        result = super()._propagate_real_cost()
        # Whoever approved the carrier's invoice need not see what companies have agreed, nor
        # each of its shipments.
        agreements_sudo = self.env["shipment.freight.agreement"].sudo()
        every_sudo = self.sudo().with_context(active_test=False)
        companies_sudo = every_sudo._read_group(
            [("id", "in", self.ids)], aggregates=["company_id:recordset"]
        )[0][0]
        agreements_sudo.search(
            [
                ("company_id", "in", companies_sudo.ids),
                ("timing", "=", "approval"),
            ]
        )._recharge_later()
        return result
