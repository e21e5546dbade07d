from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.shipment_visibility.canonical.freight import ZERO

from .shipment_freight_cost import APPROVED

# Of another addon, that need not be there: found at run time.
LANDED_COST = "stock.landed.cost"
# Import taxes are no cost of the goods, and information is no money.
NO_COST = ("tax", "info")
# What receipts cost by one invoice, by shipment and family, without what is disputed.
COSTS = """
    SELECT line.shipment_id, line.family,
           sum(line.amount_company - CASE WHEN line.amount = 0 THEN 0 ELSE
               line.amount_company * line.disputed_amount / line.amount END)
      FROM shipment_carrier_invoice_line AS line
      JOIN shipment_shipment AS shipment ON shipment.id = line.shipment_id
     WHERE line.invoice_id = %(invoice)s AND line.family NOT IN %(no_cost)s
           AND shipment.direction = 'inbound'
           AND EXISTS (
               SELECT 1
                 FROM shipment_picking_rel AS rel
                 JOIN stock_picking AS picking ON picking.id = rel.picking_id
                 JOIN stock_picking_type AS type ON type.id = picking.picking_type_id
                WHERE rel.shipment_id = line.shipment_id AND type.code = 'incoming'
                      AND picking.state <> 'cancel'
           )
  GROUP BY line.shipment_id, line.family
  ORDER BY line.shipment_id, line.family
"""


class ShipmentFreightLanding(models.Model):
    """What of the freight of one shipment stands on a landed cost."""

    _name = "shipment.freight.landing"
    _description = "Freight in Landed Costs"
    _order = "id"

    invoice_id = fields.Many2one(
        "shipment.carrier.invoice", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="invoice_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="cascade", index=True
    )
    family = fields.Char(required=True)
    amount = fields.Monetary(required=True, help="In the company's currency.")
    # A plain id: the model of landed costs need not exist.
    landed_cost_id = fields.Integer(required=True, index=True)

    def _filter_live(self):
        """Those whose landed cost has been neither deleted nor cancelled."""
        # Who invoices need not be allowed to see landed costs.
        costs_sudo = self.env[LANDED_COST].sudo()
        live_sudo = costs_sudo.search(
            [("id", "in", self.mapped("landed_cost_id")), ("state", "!=", "cancel")]
        )
        return self.filtered(lambda row: row.landed_cost_id in live_sudo._ids)


class ShipmentCarrierInvoice(models.Model):
    """Inbound freight becomes a part of what the goods cost."""

    _inherit = "shipment.carrier.invoice"

    landing_ids = fields.One2many(
        "shipment.freight.landing", "invoice_id", readonly=True
    )
    landed_at = fields.Datetime(readonly=True, copy=False)
    # Whoever may see the invoice may know that there are some.
    can_make_landed_costs = fields.Boolean(
        compute="_compute_landed_costs", compute_sudo=True
    )
    landed_cost_count = fields.Integer(
        compute="_compute_landed_costs", compute_sudo=True
    )

    @api.depends("state", "landing_ids", "line_ids.shipment_id")
    def _compute_landed_costs(self):
        is_installed = LANDED_COST in self.env
        for invoice in self:
            invoice.landed_cost_count = len(invoice._get_landed_costs())
            invoice.can_make_landed_costs = (
                is_installed
                and invoice.state in APPROVED
                and bool(invoice._read_landed_due())
            )

    def _get_landed_costs(self):
        """The ids of the landed costs that were made of it and are still there."""
        if LANDED_COST not in self.env or not self.landing_ids:
            return []
        return sorted(set(self.landing_ids._filter_live().mapped("landed_cost_id")))

    def action_make_landed_costs(self):
        """Make draft landed costs of the inbound freight, one for each receipt, once."""
        self.check_access("write")
        for invoice in self:
            if LANDED_COST not in self.env:
                raise UserError(self.env._("Install landed costs first."))
            if invoice.state not in APPROVED:
                raise UserError(
                    self.env._(
                        "Approve the invoice %(name)s before it becomes landed costs.",
                        name=invoice.name,
                    )
                )
            # Who invoices need not be a warehouse manager, who checks and posts them.
            if not invoice.sudo()._make_landed_costs():
                raise UserError(
                    self.env._(
                        "No inbound freight is left. If there should be some: match its lines "
                        "with shipments of receipts, and choose the products of landed costs "
                        "in the freight policy."
                    )
                )
        return self.action_view_landed_costs()

    def action_view_landed_costs(self):
        """Open the landed costs, for who may see them."""
        costs = self.env[LANDED_COST].browse(
            [cost for invoice in self for cost in invoice._get_landed_costs()]
        )
        if not costs.has_access("read"):
            return True
        return costs._get_records_action(name=self.env._("Landed Costs"))

    def _land_by_policy(self):
        """Make landed costs of what is due, where the policy says so."""
        policies = self.env["shipment.freight.policy"]
        for invoice in self:
            if not policies._of(invoice.company_id).landed_automatic:
                continue
            try:
                with self.env.cr.savepoint():
                    # The policy says so, whoever approves.
                    invoice.sudo()._make_landed_costs()
            except UserError as error:
                # The carrier is paid all the same; the button says what is missing.
                invoice._message_log(
                    body=self.env._("There are no landed costs yet: %s", str(error))
                )

    def _read_landed_due(self):
        """What stands on no landed cost yet: ``{(shipment id, family): Decimal}``."""
        self.ensure_one()
        if LANDED_COST not in self.env:
            return {}
        for model in ("shipment.carrier.invoice.line", "shipment.shipment"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(COSTS, invoice=self._origin.id, no_cost=NO_COST)
        )
        currency = self.company_id.currency_id
        due = {
            (shipment, family): currency._round_exact(cost)
            for shipment, family, cost in rows
        }
        for row in self.landing_ids._filter_live():
            key = (row.shipment_id.id, row.family)
            due[key] = due.get(key, ZERO) - currency._round_exact(row.amount)
        policy = self.env["shipment.freight.policy"]._of(self.company_id)
        return {
            key: amount
            for key, amount in due.items()
            if amount and policy._find_row(key[1]).landed_product_id
        }

    def _make_landed_costs(self):
        """One draft landed cost for each set of receipts; return them."""
        self.ensure_one()
        # Pressed twice at once, it lands once.
        self.lock_for_update()
        self.landed_at = fields.Datetime.now()
        self.flush_recordset()
        due = self._read_landed_due()
        shipments = self.env["shipment.shipment"].browse(
            sorted({shipment for shipment, _family in due})
        )
        made = self.env[LANDED_COST].with_company(self.company_id)
        for receipts, own in shipments.grouped(
            lambda shipment: shipment._get_receipts()
        ).items():
            mine = {key: due[key] for key in due if key[0] in own._ids}
            cost = made.create(self._prepare_landed_cost(receipts, mine))
            self.env["shipment.freight.landing"].create(
                [
                    {
                        "invoice_id": self.id,
                        "shipment_id": shipment,
                        "family": family,
                        "amount": float(amount),
                        "landed_cost_id": cost.id,
                    }
                    for (shipment, family), amount in mine.items()
                ]
            )
            made |= cost
        if made:
            self._message_log(
                body=self.env._(
                    "Draft landed costs: %(costs)s",
                    costs=", ".join(made.mapped("name")),
                )
            )
        return made

    def _prepare_landed_cost(self, receipts, due):
        """The values of a landed cost: one line for each family."""
        sums = {}
        for (_shipment, family), amount in due.items():
            sums[family] = sums.get(family, ZERO) + amount
        bills = self.move_ids.filtered(lambda move: move.move_type == "in_invoice")
        return {
            "company_id": self.company_id.id,
            "picking_ids": [Command.set(receipts.ids)],
            "vendor_bill_id": bills[:1].id,
            "description": self.env._(
                "%(carrier)s %(number)s", carrier=self.carrier_id.name, number=self.name
            ),
            "cost_lines": [
                Command.create(self._prepare_landed_line(family, amount))
                for family, amount in sums.items()
            ],
        }

    def _prepare_landed_line(self, family, amount):
        policy = self.env["shipment.freight.policy"]._of(self.company_id)
        row = policy._find_account(family)
        position = self.env["account.fiscal.position"]
        if self.carrier_id.vendor_id:
            position = position.with_company(self.company_id)._get_fiscal_position(
                self.carrier_id.vendor_id
            )
        product = row.landed_product_id
        return {
            "product_id": product.id,
            "name": self._describe_bill_line(family, False),
            "price_unit": float(amount),
            "split_method": product.split_method_landed_cost or "by_weight",
            # From there, where the bill has put it, it goes to the goods.
            "account_id": position.map_account(row.account_id).id,
        }


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _propagate_real_cost(self):
        """Override: inbound freight becomes landed costs where the policy says so."""
        result = super()._propagate_real_cost()
        if LANDED_COST in self.env:
            # Who invoices need not see each shipment of an invoice.
            every_sudo = self.sudo().with_context(active_test=False)
            inbound_sudo = every_sudo.search(
                [("id", "in", self.ids), ("direction", "=", "inbound")]
            )
            inbound_sudo._get_landing_invoices()._land_by_policy()
        return result

    def _get_landing_invoices(self):
        """The approved invoices that name these shipments, or did when they landed."""
        lines = self.env["shipment.carrier.invoice.line"].search(
            [
                ("shipment_id", "in", self.ids),
                ("invoice_id.state", "in", APPROVED),
            ]
        )
        landings = self.env["shipment.freight.landing"].search(
            [("shipment_id", "in", self.ids)]
        )
        return lines.invoice_id | landings.invoice_id

    def _get_receipts(self):
        """The receipts that came with it."""
        return self.picking_ids.filtered(
            lambda p: p.picking_type_code == "incoming" and p.state != "cancel"
        ).sorted("id")
