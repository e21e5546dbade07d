from odoo import Command, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.models.shipment_charge import FAMILIES

# What is still to be posted, by what tells one line of the bill from another: first to the
# account of the family, then to the account of what is disputed.
SUMS = """
    SELECT line.family, {owner} AS owner,
           sum(line.amount - line.disputed_amount - line.billed_amount),
           sum(CASE WHEN %(is_posted)s THEN line.disputed_amount ELSE 0 END
               - line.billed_disputed),
           array_agg(DISTINCT line.currency_id)
      FROM shipment_carrier_invoice_line AS line
      {joins}
     WHERE line.invoice_id = %(invoice)s AND line.family <> 'info'
  GROUP BY line.family, {owner}
  ORDER BY line.family, {owner}
"""
TICK_OFF = """
    UPDATE shipment_carrier_invoice_line
       SET billed_amount = amount - disputed_amount,
           billed_disputed = CASE WHEN %(is_posted)s THEN disputed_amount ELSE 0 END
     WHERE invoice_id = %(invoice)s AND family <> 'info'
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
        """Post what has not been posted: all of it, or what a decided dispute has changed."""
        self.ensure_one()
        policy = self.env["shipment.freight.policy"]._of(self.company_id)
        lines = self._prepare_bill_lines(policy)
        total = self.currency_id.round(sum(line["price_unit"] for line in lines))
        if not lines:
            return self.env["account.move"]
        if total:
            move = self.env["account.move"].create(
                self._prepare_bill(policy, lines, -1 if total < 0 else 1)
            )
        else:
            move = self.env["account.move"].create(self._prepare_shift(policy, lines))
        self.env.cr.execute(
            TICK_OFF, {"invoice": self.id, "is_posted": policy.disputed == "account"}
        )
        self.env["shipment.carrier.invoice.line"].invalidate_model(
            ["billed_amount", "billed_disputed"]
        )
        move.action_post()
        return move

    def _prepare_bill(self, policy, lines, sign):
        """A vendor bill, or with the sign -1 a refund."""
        vendor = self.carrier_id.vendor_id
        if not vendor:
            raise UserError(
                self.env._(
                    "Choose the vendor of the carrier %(carrier)s, who sends the bills.",
                    carrier=self.carrier_id.name,
                )
            )
        bills = self.move_ids.filtered(lambda move: move.move_type != "entry")
        # The vendor's number may stand on one bill only.
        ref = f"{self.name}-{len(bills) + 1}" if bills else self.name
        return {
            "move_type": "in_refund" if sign < 0 else "in_invoice",
            "partner_id": vendor.id,
            "company_id": self.company_id.id,
            **({"journal_id": policy.journal_id.id} if policy.journal_id else {}),
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "invoice_date_due": self.due_date or self.date,
            "ref": ref,
            "carrier_invoice_id": self.id,
            "invoice_line_ids": [
                Command.create({**line, "price_unit": line["price_unit"] * sign})
                for line in lines
            ],
        }

    def _prepare_shift(self, policy, lines):
        """An entry between the dispute account and the accounts of the families."""
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            **(
                {"journal_id": policy.accrual_journal_id.id}
                if policy.accrual_journal_id
                else {}
            ),
            "ref": self.env._("Disputes of %(invoice)s", invoice=self.name),
            "carrier_invoice_id": self.id,
            "line_ids": [
                Command.create(
                    {
                        "name": line["name"],
                        "account_id": line["account_id"],
                        "analytic_distribution": line["analytic_distribution"],
                        "currency_id": self.currency_id.id,
                        "amount_currency": line["price_unit"],
                    }
                )
                for line in lines
            ],
        }

    def _prepare_bill_lines(self, policy):
        """One line of the bill for each account, family and analytic distribution."""
        owner, joins = OWNERS[policy.analytic]
        self.env["shipment.carrier.invoice.line"].flush_model()
        # The parts put into it are ours, never a user's.
        self.env.cr.execute(
            SUMS.format(owner=owner, joins=joins),
            {"invoice": self.id, "is_posted": policy.disputed == "account"},
        )
        sums = self.env.cr.fetchall()
        position = self.env["account.fiscal.position"]
        if self.carrier_id.vendor_id:
            position = position.with_company(self.company_id)._get_fiscal_position(
                self.carrier_id.vendor_id
            )
        found = []
        for family, owner_id, amount, disputed, currencies in sums:
            if currencies != [self.currency_id.id]:
                raise UserError(
                    self.env._(
                        "The invoice %(name)s has lines in several currencies and cannot be "
                        "billed as one.",
                        name=self.name,
                    )
                )
            row = policy._find_account(family)
            for part, account, is_disputed in (
                (amount, row.account_id, False),
                (disputed, policy.dispute_account_id, True),
            ):
                if part:
                    found.append(
                        {
                            "name": self._describe_bill_line(family, is_disputed),
                            "price_unit": self.currency_id.round(part),
                            "account_id": position.map_account(account).id,
                            "tax_ids": [Command.set(position.map_tax(row.tax_ids).ids)],
                            "analytic_distribution": self._get_distribution(
                                policy.analytic, owner_id
                            ),
                        }
                    )
        return found

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

    disputed_amount = fields.Monetary(
        readonly=True, help="What of it is disputed, and not decided yet."
    )
    billed_amount = fields.Monetary(
        string="Billed", readonly=True, help="What stands on a vendor bill."
    )
    billed_disputed = fields.Monetary(string="On the Dispute Account", readonly=True)


class AccountMove(models.Model):
    _inherit = "account.move"

    carrier_invoice_id = fields.Many2one(
        "shipment.carrier.invoice",
        readonly=True,
        index="btree_not_null",
        copy=False,
        check_company=True,
    )

    def action_view_carrier_invoice(self):
        """Open the carrier's invoice that is billed by it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Carrier Invoice"),
            "res_model": "shipment.carrier.invoice",
            "view_mode": "form",
            "res_id": self.carrier_invoice_id.id,
        }


class ShipmentCarrier(models.Model):
    _inherit = "shipment.carrier"

    vendor_id = fields.Many2one(
        "res.partner", help="From whom the carrier's bills come."
    )


class StockWarehouse(models.Model):
    _name = "stock.warehouse"
    _inherit = ["stock.warehouse", "analytic.mixin"]
