from odoo import fields, models

from ..canonical import milestone as vocabulary


class ShipmentEffect(models.Model):
    """What a rule may do to the plans that hang on a shipment."""

    _inherit = "shipment.effect"

    def _effect_move_promised_date(self):
        """Move dates that the carrier's estimate makes impossible; never to an earlier one."""
        shipment = self.shipment_id
        expected = shipment._expected_by()
        if not expected:
            return "skipped", self.env._("The carrier gave no estimate.")
        moved = [
            *shipment._postpone_orders(expected),
            *shipment._postpone_transfers(expected),
        ]
        if not moved:
            return "skipped", self.env._("No date is earlier than the estimate.")
        return "done", ", ".join(moved)

    def _effect_close_delivery(self):
        """Finish what is left to do about the deliveries, and lock orders that are complete."""
        shipment = self.shipment_id
        if shipment.headline not in ("delivered", "cancelled", "lost", "returned"):
            return "overtaken", self.env._("The shipment is on its way again.")
        shipment.picking_ids.activity_feedback(
            ["mail.mail_activity_data_todo"], feedback=shipment._label_headline()
        )
        orders = shipment.picking_ids.sale_id.filtered(
            lambda order: order.delivery_status == "full" and not order.locked
        )
        orders = orders.filtered(
            lambda order: all(s._is_final() for s in order.shipment_ids)
        )
        orders.action_lock()
        return "done", ", ".join(orders.mapped("name")) or shipment._label_headline()


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _expected_by(self):
        """Return when the carrier expects to be done, at the latest; False when unsaid."""
        self.ensure_one()
        end_of_day = self.estimated_date and fields.Datetime.end_of(
            fields.Datetime.to_datetime(self.estimated_date), "day"
        )
        return self.estimated_to or end_of_day

    def _label_headline(self):
        return self._label(vocabulary.Code(self.headline))

    def _postpone_orders(self, expected):
        """Move the delivery date that the orders promise."""
        if self.direction != "outbound":
            return []
        orders = self.picking_ids.sale_id.filtered(
            lambda o: (
                o.state == "sale"
                and (o.commitment_date or o.expected_date)
                and (o.commitment_date or o.expected_date) < expected
            )
        )
        for order in orders:
            order._message_log(
                body=self.env._(
                    "Delivery date moved to what the carrier expects for %(shipment)s.",
                    shipment=self.name,
                )
            )
        orders.commitment_date = expected
        return orders.mapped("name")

    def _postpone_transfers(self, expected):
        """Move transfers that wait for these goods: the receipt itself, and what follows."""
        waiting = self.picking_ids
        pickings = waiting.browse()
        while waiting:
            pickings |= waiting
            waiting = waiting.move_ids.move_dest_ids.picking_id - pickings
        late = pickings.filtered(
            lambda p: (
                p.state not in ("done", "cancel")
                and p.scheduled_date
                and p.scheduled_date < expected
            )
        )
        late.scheduled_date = expected
        return late.mapped("name")
