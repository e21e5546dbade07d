from odoo import api, fields, models

from .shipment_booking_janitor import LABEL_QUESTION, QUESTION


class ShipmentException(models.Model):
    """An exception that asks about a booking carries the answers as buttons."""

    _inherit = "shipment.exception"

    booking_id = fields.Many2one("shipment.booking", compute="_compute_booking_id")
    booking_state = fields.Char(compute="_compute_booking_id")
    booking_is_reconcilable = fields.Boolean(compute="_compute_booking_id")
    asks_for_label = fields.Boolean(compute="_compute_booking_id")

    @api.depends("key", "picking_id.shipment_booking_state")
    def _compute_booking_id(self):
        keys = {
            exception: exception.key.removeprefix(QUESTION).partition(":")[0]
            for exception in self
            if (exception.key or "").startswith(QUESTION)
        }
        bookings = self.env["shipment.booking"].search_fetch(
            [("key", "in", list(keys.values()))], ["key", "state"]
        )
        by_key = bookings.grouped("key")
        for exception in self:
            booking = by_key.get(keys.get(exception), bookings.browse())
            exception.booking_id = booking
            exception.booking_state = booking.state
            exception.booking_is_reconcilable = booking.is_reconcilable
            exception.asks_for_label = bool(
                (exception.key or "").startswith(LABEL_QUESTION)
                and exception.picking_id.shipment_booking_state == "failed"
            )

    def action_booking_look_up(self):
        """Ask the carrier what became of the booking."""
        self.booking_id.action_look_up()

    def action_booking_enter_number(self):
        """Open where the number is entered under which it was bought."""
        return self.booking_id.action_enter_number()

    def action_booking_not_bought(self):
        """Say that nothing was bought."""
        self.booking_id.action_not_bought()

    def action_booking_buy_again(self):
        """Say that nothing was bought, and have it bought again."""
        self.booking_id.action_buy_again()

    def action_try_label_again(self):
        """Have the label booked again."""
        self.picking_id.action_book_label()
