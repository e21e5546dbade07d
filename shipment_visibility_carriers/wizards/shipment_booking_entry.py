from odoo import fields, models
from odoo.exceptions import UserError


class ShipmentBookingEntry(models.TransientModel):
    """Takes the tracking numbers of a lost booking that a person found at the carrier."""

    _name = "shipment.booking.entry"
    _description = "Enter Tracking Numbers"

    booking_key = fields.Char(string="Reference", required=True, readonly=True)
    parcel_count = fields.Integer(string="Parcels", readonly=True)
    numbers = fields.Text(
        string="Tracking Numbers",
        required=True,
        help="One a line, in order of parcels.",
    )
    remote_id = fields.Char(
        string="Carrier's ID",
        help="By which the carrier cancels it, if that is not the tracking number.",
    )

    def action_enter(self):
        """Make the booking a booked one. Validating the delivery then attaches it."""
        self.ensure_one()
        booking = self.env["shipment.booking"].search([("key", "=", self.booking_key)])
        ticket = booking._check_decidable()
        numbers = self.numbers.split()
        if len(numbers) != len(ticket.parcel_references):
            raise UserError(
                self.env._(
                    "There are %(parcels)s parcels, and %(numbers)s numbers.",
                    parcels=len(ticket.parcel_references),
                    numbers=len(numbers),
                )
            )
        booking._enter(ticket, numbers, self.remote_id)
        return {"type": "ir.actions.act_window_close"}
