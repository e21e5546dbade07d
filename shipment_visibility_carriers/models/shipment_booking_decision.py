from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.shipment_visibility.canonical.schema import (
    BookingAnswer,
    Document,
    ParcelLabel,
)


class ShipmentBookingDecision(models.Model):
    """What a person decides about a booking of which nobody knows whether it was bought."""

    _inherit = "shipment.booking"

    def action_look_up(self):
        """Ask the carrier what became of an unknown booking."""
        ticket = self._check_decidable()
        self.env["shipment.booking.desk"]._look_up(ticket)
        self.invalidate_recordset()

    def action_not_bought(self):
        """A person has asked the carrier: nothing was bought. It may be booked again."""
        ticket = self._check_decidable()
        self._move(
            ticket,
            ("unknown",),
            "refused",
            error=self.env._("%s found that it was not bought.", self.env.user.name),
        )
        self.invalidate_recordset()

    def action_buy_again(self):
        """A person has asked the carrier: nothing was bought. Have it booked now."""
        pickings = self._get_deliveries()
        self.action_not_bought()
        pickings._filter_without_label().action_book_label()

    def _get_deliveries(self):
        """The deliveries that this booking is for, as far as they exist."""
        return self.env["stock.picking"].browse(self.picking_ids or []).exists()

    def action_enter_number(self):
        """A person has asked the carrier: it was bought; open where its number is entered."""
        ticket = self._check_decidable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enter Tracking Numbers"),
            "res_model": "shipment.booking.entry",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_booking_key": ticket.key,
                "default_parcel_count": len(ticket.parcel_references),
            },
        }

    def _enter(self, ticket, numbers, remote_id):
        """Make an unknown booking a booked one, with what a person found at the carrier."""
        nothing = Document(name="", mimetype="", content=b"")
        booked = BookingAnswer(
            remote_id=remote_id or numbers[0],
            service=ticket.service or "?",
            labels=tuple(
                ParcelLabel(
                    parcel_reference=reference, tracking_number=number, label=nothing
                )
                for reference, number in zip(
                    ticket.parcel_references, numbers, strict=True
                )
            ),
        )
        is_entered = self._move(
            ticket,
            ("unknown",),
            "booked",
            entered=booked.model_dump_json(),
            handed_at=fields.Datetime.now(),
            **self._prepare_booked(booked),
        )
        if is_entered:
            waiting = self.env["stock.picking"].browse(ticket.picking_ids).exists()
            waiting._filter_without_label().action_book_label()
        return is_entered

    def _check_decidable(self):
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("shipment_visibility.shipment_group_manager"):
            raise AccessError(
                self.env._("Only a shipment manager can decide about a lost booking.")
            )
        (ticket,) = self._find([("key", "=", self.key)])
        if ticket.state != "unknown":
            raise UserError(
                self.env._("The booking of %s is not unknown any more.", ticket.name)
            )
        return ticket
