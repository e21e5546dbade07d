from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from odoo.addons.queue_job.job import identity_exact

from .delivery_carrier import TYPE

# Orders that follow their carriers' invoices in one job.
BATCH_SIZE = 100
ACTIVITY = "mail.mail_activity_data_todo"


class SaleOrder(models.Model):
    """Customers who pay the real cost pay what the carrier invoices in the end, and once.

    What an order asks for follows from the charges and its invoices alone, so that a job
    that is repeated, or an invoice that is approved twice, changes nothing.
    """

    _inherit = "sale.order"

    def _follow_freight_later(self):
        """Have these orders follow what the carriers have invoiced, in the background."""
        for ids in split_every(BATCH_SIZE, sorted(self.ids)):
            self.browse(ids).with_delay(
                identity_key=identity_exact,
                description=self.env._(
                    "Charge freight as invoiced: %(count)s orders", count=len(ids)
                ),
            )._job_follow_freight()

    def _job_follow_freight(self):
        """Let the freight of these orders follow the carriers' invoices. Safe to repeat."""
        # The delivery method decides what the customer pays, whoever approved the invoice.
        orders_sudo = self.sudo().exists().filtered(lambda o: o.state == "sale")
        charges_sudo = orders_sudo.picking_ids.shipment_ids._read_cost_charges()
        changed = orders_sudo.browse()
        for order_sudo in orders_sudo:
            try:
                with self.env.cr.savepoint():
                    own_sudo = order_sudo.with_company(order_sudo.company_id)
                    if own_sudo._follow_freight(charges_sudo):
                        changed |= order_sudo
            except UserError as error:
                # One order that cannot follow holds back no other.
                order_sudo._ask_about_freight(str(error))
        return self.env._("%(count)s orders changed", count=len(changed))

    def _follow_freight(self, charges):
        """Have the lines follow; return the deliveries whose price has changed."""
        self.ensure_one()
        prices = self._get_real_prices(charges)
        prices = {
            picking: price
            for picking, price in prices.items()
            if self.currency_id.compare_amounts(price, picking.carrier_price)
        }
        if prices and self.locked:
            self._ask_about_freight(
                self.env._(
                    "The order is locked. Unlock it, and its freight follows what the carrier "
                    "has invoiced: %(changes)s",
                    changes="; ".join(self._describe_freight(prices)),
                )
            )
            return self.env["stock.picking"]
        if not prices:
            return self.env["stock.picking"]
        told = self._describe_freight(prices)
        pickings = self.env["stock.picking"].union(*prices)
        for picking, price in prices.items():
            picking.carrier_price = price
        # A job at the same order stops here, and is repeated.
        pickings.flush_recordset(["carrier_price"])
        for picking in pickings.sorted("id"):
            picking._add_delivery_cost_to_so()
        for text in told:
            self._message_log(body=text)
        return pickings

    def _get_real_prices(self, charges):
        """What the customer pays for each delivery, by the carriers' approved invoices."""
        pickings = self.picking_ids.filtered(lambda p: p._follows_carrier_invoice())
        booked_on = self.date_order or fields.Date.context_today(self)
        sums = {}
        for shipment in pickings.shipment_ids:
            if shipment.direction != "outbound" or shipment.headline == "cancelled":
                continue
            own = charges.get(shipment, self.env["shipment.charge"])
            cost = own._sum_real_cost(self.currency_id, booked_on)
            if cost is None:
                continue
            shares = shipment._share_with_deliveries(cost, self.currency_id)
            for picking, amount in shares.items():
                sums[picking] = sums.get(picking, Decimal(0)) + amount
        return {
            picking: picking.carrier_id._get_freight_price(self, sums[picking])
            for picking in pickings
            if picking in sums
        }

    def _describe_freight(self, prices):
        """Say for each delivery what changes, and by which invoices."""
        return [
            self.env._(
                "Freight of %(delivery)s: %(after)s instead of %(before)s, as the carrier "
                "invoices it (%(invoices)s).",
                delivery=picking.name,
                after=self.currency_id.format(price),
                before=self.currency_id.format(picking.carrier_price),
                invoices=", ".join(picking._get_carrier_invoice_numbers()),
            )
            for picking, price in prices.items()
        ]

    def _ask_about_freight(self, reason):
        """Have whoever sells decide: one activity, that says what is so now."""
        summary = self.env._("Freight cannot follow the carrier's invoice")
        known = self.activity_ids.filtered(lambda a: a.summary == summary)
        if known:
            known.note = reason
        else:
            self.activity_schedule(
                ACTIVITY,
                summary=summary,
                note=reason,
                user_id=self.user_id.id or self.env.uid,
            )

    def action_unlock(self):
        """Override of `sale`: what could not follow while it was locked follows now."""
        result = super().action_unlock()
        following = self.filtered(
            lambda order: any(
                picking._follows_carrier_invoice() for picking in order.picking_ids
            )
        )
        following._follow_freight_later()
        return result


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _follows_carrier_invoice(self):
        """Whether its customer pays what the carrier invoices.

        A delivery that has a price and no line of the order was sent when the customer paid
        an estimate: that stays.
        """
        return (
            self.state != "cancel"
            and self.carrier_id._follows_carrier_invoice()
            and (bool(self.shipment_delivery_line_ids) or not self.carrier_price)
        )

    def _get_carrier_invoice_numbers(self):
        charges = self.shipment_ids.charge_ids.filtered("invoice_number")
        return sorted(set(charges.mapped("invoice_number")))


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _get_following_orders(self):
        """The orders whose customers pay what the carriers invoice for these shipments."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT picking.sale_id
                  FROM shipment_picking_rel AS rel
                  JOIN stock_picking AS picking ON picking.id = rel.picking_id
                  JOIN delivery_carrier AS method ON method.id = picking.carrier_id
                 WHERE rel.shipment_id = ANY(%s) AND picking.sale_id IS NOT NULL
                       AND method.shipment_follow_invoice
                       AND method.invoice_policy = 'real' AND method.delivery_type = %s
              ORDER BY picking.sale_id
                """,
                self.ids,
                TYPE,
            )
        )
        return self.env["sale.order"].browse([row[0] for row in rows])

    def _propagate_real_cost(self):
        """What the carriers ask for these shipments has changed: others follow."""
        self._get_following_orders()._follow_freight_later()
