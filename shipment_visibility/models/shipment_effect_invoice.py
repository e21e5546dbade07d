from datetime import timedelta

from odoo import fields, models

from .shipment_effect import Postponed

# News of the order's parcels has it looked at again at once; this is for what makes none.
LOOK_AGAIN = timedelta(days=1)


class ShipmentEffect(models.Model):
    """What a rule may do to the customer's invoice."""

    _inherit = "shipment.effect"

    def _effect_release_invoice(self):
        """Invoice what of the orders is delivered, once nothing holds it any more."""
        orders = self.shipment_id.picking_ids.sale_id
        if not orders:
            return "skipped", self.env._("There is no sales order.")
        self._wait_for(orders)
        if self.rule_id.invoice_mode == "unblock":
            return "done", self.env._(
                "May be invoiced: %(orders)s", orders=", ".join(orders.mapped("name"))
            )
        orders = orders.filtered(lambda order: order.invoice_status == "to invoice")
        if not orders:
            return "skipped", self.env._("There is nothing to invoice.")
        invoices = self.env["account.move"]
        # A delivery may be another company's than the order that it serves.
        for company, own in orders.grouped("company_id").items():
            invoices |= own.with_company(company)._create_invoices(final=True)
        if self.rule_id.invoice_mode == "post":
            invoices.action_post()
        return "done", ", ".join(
            invoice.name or invoice.display_name for invoice in invoices
        )

    def _wait_for(self, orders):
        """Postpone, as long as something holds the invoice of one of the orders."""
        Hold = self.env["shipment.invoice.hold"]
        decided = Hold.search(
            [
                ("order_id", "in", orders.ids),
                ("released_by_id", "!=", False),
                ("released_at", ">=", self.shipment_id.create_date),
            ]
        )
        holds = Hold._hold(orders - decided.order_id, self.rule_id)
        holds._evaluate()
        held = holds.filtered(lambda hold: hold.state == "held")
        if held:
            raise Postponed(
                fields.Datetime.now() + LOOK_AGAIN, " ".join(held.mapped("details"))
            )
