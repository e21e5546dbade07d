from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import BookingAnswer

from ..adapters import base
from .booking_terms import DEAD, CarrierDown

# A request that is older has lost its owner: no server lets a request run that long.
PATIENCE = timedelta(minutes=3)


class ShipmentBookingSettle(models.AbstractModel):
    """Deals with bookings that are there already: uses them, looks them up, voids them."""

    _inherit = "shipment.booking.desk"

    # === WHAT IS THERE ALREADY === #

    @api.model
    def _settle(self, ticket, adapter, subject):
        """Use the live booking that was found, or take it out of the way.

        :param dict subject: what is wanted now, as of ``_prepare_subject``.
        :return: its answer, or ``None`` when the way is free for a new booking.
        """
        self._check_is_free(ticket)
        answer = self._recall(ticket, adapter)
        if answer and ticket.is_found:
            # Nobody knows any more what was asked for; but the label may be on a box.
            self._check_found_fits(ticket, subject)
        elif answer and ticket.content_hash != subject["content_hash"]:
            self._void(ticket.key)
            return None
        # Tell the janitor that somebody has it. It may have been quicker.
        handed = answer and self.env["shipment.booking"]._move(
            ticket, ("booked",), "booked", handed_at=fields.Datetime.now()
        )
        return answer if handed else None

    @api.model
    def _recall(self, ticket, adapter):
        """The answer of a live booking, or ``None`` when nothing was bought after all."""
        if ticket.state == "answered":
            return self._read(ticket, adapter, ticket.answer)
        if ticket.state != "booked":
            return self._reconcile(ticket, adapter)
        if ticket.entered:
            return BookingAnswer.model_validate_json(ticket.entered)
        try:
            return adapter.parse_booking(ticket.answer)
        except base.CarrierError as error:
            raise self._explain_unknown(ticket, str(error), adapter) from None

    @api.model
    def _check_is_free(self, ticket):
        """Tell who is at it, and do not wait for them.

        :raise CarrierDown: somebody is.
        """
        if ticket.state == "voiding":
            raise CarrierDown(
                self.env._(
                    "The label of %s is being cancelled. Try again in a moment.",
                    ticket.name,
                ),
                is_busy=True,
                retry_after=self._get_patience(ticket),
            )
        if ticket.state == "requested" and not self._is_orphan(ticket):
            raise CarrierDown(
                self.env._(
                    "%(user)s is booking %(delivery)s at this moment. "
                    "Wait until that is done, then look at the delivery again.",
                    user=ticket.user_name,
                    delivery=ticket.name,
                ),
                is_busy=True,
                retry_after=self._get_patience(ticket),
            )

    @api.model
    def _is_orphan(self, ticket):
        return fields.Datetime.now() - ticket.asked_at > PATIENCE

    @api.model
    def _get_patience(self, ticket):
        """The seconds after which nobody can be at it any more."""
        rest = ticket.asked_at + PATIENCE - fields.Datetime.now()
        return max(rest.total_seconds(), 5)

    @api.model
    def _mark_orphan(self, ticket):
        """Say of a request whose owner is gone what is known of it.

        :return: the state it is in now, or nothing when it is no such request any more.
        """
        lost = self.env._("The server stopped before the carrier's answer was kept.")
        unsent = self.env._("The server stopped before the carrier was asked.")
        with self.env["shipment.booking"]._own() as own:
            # Looked at again under lock: it may have been sent since the ticket was read.
            booking = own._claim(ticket, ("requested",))
            if not booking or not self._is_orphan(booking):
                return None
            state = "unknown" if booking.is_sent else "refused"
            booking.write(
                {"state": state, "error": lost if booking.is_sent else unsent}
            )
        return state

    @api.model
    def _reconcile(self, ticket, adapter):
        """Look an unknown booking up at the carrier.

        A request that we have given up may still reach the carrier: before nobody can be at
        it any more, "not booked" would not be certain.

        :return: its answer, or ``None`` when it is certain that nothing was bought.
        :raise CarrierDown: the carrier cannot say, or not yet.
        """
        if ticket.state == "requested":
            state = self._mark_orphan(ticket)
            if state != "unknown":
                return None
        if not adapter.offers("find_by_reference"):
            raise self._explain_unknown(ticket, ticket.error, adapter)
        if not self._is_orphan(ticket):
            raise self._explain_unknown(
                ticket, ticket.error, adapter, self._get_patience(ticket)
            )
        try:
            answer = adapter.find_by_reference(ticket.key, ticket.remote_id)
        except base.CarrierError as error:
            raise self._explain_unknown(ticket, str(error), adapter) from None
        if answer is not None:
            return self._keep(ticket, adapter, answer)
        self.env["shipment.booking"]._move(
            ticket,
            ("unknown",),
            "refused",
            error=self.env._("Looked up: the carrier has not booked it."),
        )
        return None

    @api.model
    def _look_up(self, ticket):
        """As :meth:`_reconcile`, with the adapter of the booking's account."""
        return self._reconcile(ticket, self._get_adapter(ticket))

    # === VOIDING === #

    @api.model
    def _void(self, key, unless_handed_since=None):
        """Cancel a booked shipment at the carrier. What is voided already stays so.

        :param unless_handed_since: leave it alone when somebody got its answer after this.
        :return: whether it is voided now.
        :raise UserError: the carrier does not cancel it, in its words.
        """
        bookings = self.env["shipment.booking"]
        ticket = next(iter(bookings._find([("key", "=", key)])), None)
        if not ticket or ticket.state in DEAD:
            return bool(ticket)
        adapter = self._get_adapter(ticket)
        with bookings._own() as own:
            found = own._claim(ticket, ("booked", "voiding"))
            if not found or (
                unless_handed_since and found.handed_at > unless_handed_since
            ):
                return False
            found.state = "voiding"
        try:
            adapter.void(ticket.remote_id)
        except base.CarrierError as error:
            words = str(error)
        except Exception as error:
            words = self._log_failure(ticket.key, error)
        else:
            return bookings._move(ticket, ("voiding",), "voided", error=False)
        bookings._move(ticket, ("voiding",), "booked", error=words)
        raise UserError(
            self.env._(
                "The label of %(delivery)s was not cancelled: %(words)s",
                delivery=ticket.name,
                words=words,
            )
        )
