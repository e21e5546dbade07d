
from odoo import Command, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.models.shipment_charge import FAMILIES

# What is posted, by what tells one line of the bill from another.
SUMS = """
    SELECT line.family, line.is_disputed, {owner} AS owner,
           sum(line.amount), array_agg(DISTINCT line.currency_id)
      FROM shipment_carrier_invoice_line AS line
      {joins}
     WHERE line.invoice_id = %(invoice)s AND line.family <> 'info'
           AND line.move_id IS NULL AND (%(disputed)s OR NOT line.is_disputed)
  GROUP BY line.family, line.is_disputed, {owner}
    HAVING sum(line.amount) <> 0
  ORDER BY line.family, line.is_disputed, {owner}
"""
DELIVERY = """
 LEFT JOIN LATERAL (
               SELECT picking.sale_id, type.warehouse_id
                 FROM shipment_picking_rel AS rel
                 JOIN stock_picking AS picking ON picking.id = rel.picking_id
                 JOIN stock_picking_type AS type ON type.id = picking.picking_type_id
                WHERE rel.shipment_id = line.shipment_id
             ORDER BY picking.id
                LIMIT 1
           ) AS delivery ON TRUE
"""
# The record whose analytic distribution a charge takes.
OWNERS = {
    "none": ("NULL::int", ""),
    "warehouse": ("delivery.warehouse_id", DELIVERY),
    "order": ("delivery.sale_id", DELIVERY),
}


class ShipmentCarrierInvoice(models.Model):
    """An approved invoice becomes one vendor bill."""

    _inherit = "shipment.carrier.invoice"

    move_ids = fields.One2many(
        "account.move", "carrier_invoice_id", string="Vendor Bills", readonly=True
    )

    def action_post(self):
        """Make the vendor bill, once, and post it."""
        for invoice in self:
            # Pressed twice at once, it is billed once.
            invoice.lock_for_update()
            if invoice.state != "approved":
                raise UserError(
                    self.env._(
                        "Approve the invoice %(name)s before it is billed.",
                        name=invoice.name,
                    )
                )
            invoice._bill()
            invoice.state = "posted"
        return self.action_view_bills()

    def _bill(self):
        """Bill all lines that are not billed and not held back."""
        self.ensure_one()
        policy = self.env["shipment.freight.policy"]._of(self.company_id)
        commands = self._prepare_bill_lines(policy)
        if not commands:
            return self.env["account.move"]
        move = self.env["account.move"].create(self._prepare_bill(policy, commands))
        self.env.cr.execute(
            """
            UPDATE shipment_carrier_invoice_line
               SET move_id = %(move)s
             WHERE invoice_id = %(invoice)s AND move_id IS NULL
                   AND family <> 'info' AND (%(disputed)s OR NOT is_disputed)
            """,
            {
                "move": move.id,
                "invoice": self.id,
                "disputed": policy.disputed == "account",
            },
        )
        self.env["shipment.carrier.invoice.line"].invalidate_model(["move_id"])
        move.action_post()
        return move

    def _prepare_bill(self, policy, commands):
        vendor = self.carrier_id.vendor_id
        if not vendor:
            raise UserError(
                self.env._(
                    "Choose the vendor of the carrier %(carrier)s, who sends the bills.",
                    carrier=self.carrier_id.name,
                )
            )
        total = sum(command[2]["price_unit"] for command in commands)
        if total < 0:
            for command in commands:
                command[2]["price_unit"] *= -1
        return {
            "move_type": "in_refund" if total < 0 else "in_invoice",
            "partner_id": vendor.id,
            "company_id": self.company_id.id,
            "journal_id": policy.journal_id.id or False,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "invoice_date_due": self.due_date or self.date,
            "ref": self.name,
            "invoice_origin": self.account_number,
            "carrier_invoice_id": self.id,
            "invoice_line_ids": commands,
        }

    def _prepare_bill_lines(self, policy):
        """One line of the bill for each account, family and analytic distribution."""
        owner, joins = OWNERS[policy.analytic]
        self.env["shipment.carrier.invoice.line"].flush_model()
        # The parts put into it are ours, never a user's.
        self.env.cr.execute(
            SUMS.format(owner=owner, joins=joins),
            {"invoice": self.id, "disputed": policy.disputed == "account"},
        )
        position = self.env["account.fiscal.position"]
        if self.carrier_id.vendor_id:
            position = position.with_company(self.company_id)._get_fiscal_position(
                self.carrier_id.vendor_id
            )
        commands = []
        for family, is_disputed, owner_id, amount, currencies in self.env.cr.fetchall():
            if currencies != [self.currency_id.id]:
                raise UserError(
                    self.env._(
                        "The invoice %(name)s has lines in several currencies and cannot be "
                        "billed as one.",
                        name=self.name,
                    )
                )
            row = policy._find_account(family)
            account = policy.dispute_account_id if is_disputed else row.account_id
            commands.append(
                Command.create(
                    {
                        "name": self._describe_bill_line(family, is_disputed),
                        "quantity": 1,
                        "price_unit": amount,
                        "account_id": position.map_account(account).id,
                        "tax_ids": [Command.set(position.map_tax(row.tax_ids).ids)],
                        "analytic_distribution": self._get_distribution(
                            policy.analytic, owner_id
                        ),
                    }
                )
            )
        return commands

    def _describe_bill_line(self, family, is_disputed):
        words = self.env._(
            "%(carrier)s %(number)s: %(family)s",
            carrier=self.carrier_id.name,
            number=self.name,
            family=FAMILIES[family],
        )
        return f"{words} ({self.env._('disputed')})" if is_disputed else words

    def _get_distribution(self, analytic, owner_id):
        if not owner_id:
            return False
        if analytic == "warehouse":
            return self.env["stock.warehouse"].browse(owner_id).analytic_distribution
        lines = self.env["sale.order"].browse(owner_id).sudo().order_line
        # The delivery's own line says it best; else the first one that says it at all.
        told = lines.sorted(lambda line: not line.is_delivery).filtered(
            "analytic_distribution"
        )
        return told[:1].analytic_distribution

    def action_view_bills(self):
        """Open the vendor bills."""
        moves = self.move_ids
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Vendor Bills"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", moves.ids)],
        }
        if len(moves) == 1:
            action |= {
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": moves.id,
            }
        return action


class ShipmentCarrierInvoiceLine(models.Model):
    _inherit = "shipment.carrier.invoice.line"

    is_disputed = fields.Boolean(readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Billed in", readonly=True, index="btree_not_null"
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    carrier_invoice_id = fields.Many2one(
        "shipment.carrier.invoice",
        readonly=True,
        index="btree_not_null",
        copy=False,
        check_company=True,
    )


class ShipmentCarrier(models.Model):
    _inherit = "shipment.carrier"

    vendor_id = fields.Many2one(
        "res.partner", help="From whom the carrier's bills come."
    )


class StockWarehouse(models.Model):
    _name = "stock.warehouse"
    _inherit = ["stock.warehouse", "analytic.mixin"]
