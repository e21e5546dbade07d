from collections import defaultdict
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

# What is usually done, by the code of the exception's type.
PROPOSED = {
    "loss": ("replace", "correct", "claim"),
    "damage": ("replace", "claim"),
    "partial": ("replace",),
    "refused": ("take_back", "refund"),
    "return": ("take_back", "refund"),
}


class ShipmentExceptionSettle(models.TransientModel):
    """Propose what follows from a loss; each is made as a draft that a person finishes."""

    _name = "shipment.exception.settle"
    _description = "Settle a Shipment Exception"

    exception_id = fields.Many2one("shipment.exception", required=True, readonly=True)
    type_id = fields.Many2one(related="exception_id.type_id")
    order_ids = fields.Many2many(related="exception_id.shipment_id.order_ids")
    invoice_ids = fields.Many2many(related="exception_id.shipment_id.invoice_ids")
    line_ids = fields.One2many(
        "shipment.exception.settle.line",
        "wizard_id",
        string="Affected Goods",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )
    replace = fields.Boolean(
        string="Send a replacement",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )
    refund = fields.Boolean(
        string="Credit the customer",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )
    take_back = fields.Boolean(
        string="Expect the goods back",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )
    correct = fields.Boolean(
        string="Correct the stock",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )
    claim = fields.Boolean(
        string="Claim it from the carrier",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )

    @api.depends("exception_id")
    def _compute_proposal(self):
        for wizard in self:
            exception = wizard.exception_id
            usual = PROPOSED.get(exception.type_id.code, ())
            ordered, invoiced = wizard.order_ids, wizard.invoice_ids
            wizard.replace = (
                "replace" in usual and ordered and not exception.replacement_ids
            )
            wizard.refund = "refund" in usual and invoiced and not exception.refund_ids
            wizard.take_back = "take_back" in usual and not exception.return_ids
            wizard.correct = "correct" in usual and not exception.scrap_ids
            wizard.claim = exception.may_claim and not exception.claim_ids
            wizard.line_ids = [Command.clear()] + [
                Command.create({"move_id": move.id, "quantity": quantity})
                for move, quantity in wizard._affected().items()
            ]

    def _affected(self):
        quantities = defaultdict(float)
        for line in self.exception_id._affected_move_lines():
            quantities[line.move_id] += line.product_uom_id._compute_quantity(
                line.quantity, line.move_id.product_uom
            )
        return quantities

    def action_settle(self):
        """Make the drafts that were ticked, and note them on the exception."""
        self.ensure_one()
        steps = [
            ("replace", self._make_replacement),
            ("refund", self._make_refund),
            ("take_back", self._make_return),
            ("correct", self._make_correction),
            ("claim", self._make_claim),
        ]
        made = [make() for name, make in steps if self[name]]
        if not made:
            raise UserError(self.env._("Tick what is to be done."))
        for records in made:
            for record in records:
                self.exception_id._message_log(
                    body=self.env._(
                        "Prepared: %(document)s", document=record._get_html_link()
                    )
                )
        return made[0]._get_records_action(name=self.env._("Prepared"))

    def _lines(self):
        lines = self.line_ids.filtered(lambda line: line.quantity > 0)
        if not lines:
            raise UserError(self.env._("Say which goods are affected."))
        return lines

    def _make_replacement(self):
        """Return a draft order of the same goods, free of charge."""
        orders = self.order_ids
        if not orders:
            raise UserError(self.env._("There is no sales order to replace."))
        order = orders[0]
        replacement = self.env["sale.order"].create(
            {
                "partner_id": order.partner_id.id,
                "partner_shipping_id": order.partner_shipping_id.id,
                "company_id": order.company_id.id,
                "warehouse_id": order.warehouse_id.id,
                "pricelist_id": order.pricelist_id.id,
                "user_id": order.user_id.id,
                "client_order_ref": order.client_order_ref,
                "origin": f"{order.name}, {self.exception_id.name}",
                "order_line": [
                    Command.create(
                        {
                            "product_id": line.product_id.id,
                            "product_uom_qty": line.quantity,
                            "product_uom_id": line.product_uom_id.id,
                            "price_unit": 0.0,
                        }
                    )
                    for line in self._lines()
                ],
            }
        )
        self.exception_id.replacement_ids = [Command.link(replacement.id)]
        return replacement

    def _make_refund(self):
        """Return draft credit notes of what of the goods has been invoiced."""
        sale_lines = self._lines().move_id.sale_line_id
        invoices = sale_lines.invoice_lines.move_id.filtered(
            lambda m: m.move_type == "out_invoice" and m.state == "posted"
        )
        if not invoices:
            raise UserError(
                self.env._(
                    "These goods have not been invoiced: there is nothing to credit."
                )
            )
        left = {line.move_id.sale_line_id: line.quantity for line in self._lines()}
        refunds = invoices._reverse_moves(
            [{"ref": self.exception_id.name} for _invoice in invoices]
        )
        for refund_line in refunds.invoice_line_ids:
            sale_line = refund_line.sale_line_ids[:1]
            quantity = min(refund_line.quantity, left.get(sale_line, 0.0))
            if quantity:
                left[sale_line] -= quantity
                refund_line.quantity = quantity
            else:
                refund_line.unlink()
        self.exception_id.refund_ids = [Command.link(r.id) for r in refunds]
        return refunds

    def _make_return(self):
        """Return receipts of the goods, which wait for them."""
        returns = self.env["stock.picking"]
        for picking, lines in (
            self._lines().grouped(lambda li: li.move_id.picking_id).items()
        ):
            wizard = (
                self.env["stock.return.picking"]
                .with_context(active_id=picking.id, active_model="stock.picking")
                .create({"picking_id": picking.id})
            )
            quantities = {line.move_id: line.quantity for line in lines}
            for return_line in wizard.product_return_moves:
                return_line.quantity = quantities.get(return_line.move_id, 0.0)
            returns |= wizard._create_return()
        self.exception_id.return_ids = [Command.link(r.id) for r in returns]
        return returns

    def _make_correction(self):
        """Return drafts that take the goods out of where Odoo believes them to be."""
        scraps = self.env["stock.scrap"].create(
            [
                {
                    "product_id": line.product_id.id,
                    "scrap_qty": line.quantity,
                    "product_uom_id": line.product_uom_id.id,
                    "location_id": line.move_id.location_dest_id.id,
                    "picking_id": line.move_id.picking_id.id,
                    "company_id": self.exception_id.company_id.id,
                    "origin": self.exception_id.name,
                }
                for line in self._lines()
            ]
        )
        self.exception_id.scrap_ids = [Command.link(s.id) for s in scraps]
        return scraps

    def _make_claim(self):
        """Return a draft claim over what the goods were sold for."""
        exception = self.exception_id
        known_on = exception.opened_at.date()
        return self.env["shipment.claim"].create(
            {
                "exception_id": exception.id,
                "shipment_id": exception.shipment_id.id,
                "package_id": exception.package_id.id,
                "user_id": exception.user_id.id or self.env.uid,
                "currency_id": exception.company_id.currency_id.id,
                "amount": sum(line._value() for line in self._lines()),
                "deadline": known_on + timedelta(days=exception.type_id.claim_days),
                "description": exception.reason,
            }
        )


class ShipmentExceptionSettleLine(models.TransientModel):
    """Goods that were lost, damaged or come back."""

    _name = "shipment.exception.settle.line"
    _description = "Affected Goods"

    wizard_id = fields.Many2one("shipment.exception.settle", ondelete="cascade")
    move_id = fields.Many2one("stock.move", required=True, readonly=True)
    product_id = fields.Many2one(related="move_id.product_id")
    product_uom_id = fields.Many2one(related="move_id.product_uom")
    quantity = fields.Float(digits="Product Unit")

    def _value(self):
        """Return what they were sold for, in the company's currency; else what they cost."""
        sale_line = self.move_id.sale_line_id
        if not sale_line.product_uom_qty:
            return self.product_id.standard_price * self.quantity
        value = sale_line.price_subtotal * self.quantity / sale_line.product_uom_qty
        company = self.move_id.company_id
        return sale_line.currency_id._convert(
            value, company.currency_id, company, fields.Date.context_today(self)
        )
