import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .shipment_booking_settle import PATIENCE

_logger = logging.getLogger(__name__)

# Begins the key of an exception that asks about a booking; only a person answers it.
QUESTION = "!booking:"
LABEL_QUESTION = f"{QUESTION}label:"


class ShipmentBookingJanitor(models.AbstractModel):
    """Ends what was begun: bookings whose owner is gone, and labels that nobody claims."""

    _inherit = "shipment.booking.desk"

    @api.model
    def _cron_tidy(self):
        """Look after all bookings that have been left alone for a while."""
        bookings = self.env["shipment.booking"]
        orphaned = fields.Datetime.now() - PATIENCE
        for ticket in bookings._find(
            [
                ("state", "in", ("requested", "answered", "unknown")),
                ("asked_at", "<", orphaned),
            ]
        ):
            self._attend(ticket, self._tidy_open)
        forgotten = fields.Datetime.now() - self._get_claim_delay()
        tickets = bookings._find(
            [
                ("state", "in", ("booked", "voiding")),
                ("handed_at", "<", forgotten),
                # What a person entered waits for that person.
                ("entered", "=", False),
            ]
        )
        for ticket in self._unclaimed(tickets):
            self._attend(ticket, self._tidy_unclaimed, forgotten)
        self._tidy_voided(forgotten)
        self._tidy_answered()
        self._wake_waiting()

    @api.model
    def _wake_waiting(self):
        """Have a job for what waits for one: the last may have failed at its very end."""
        quiet = fields.Datetime.now() - PATIENCE
        self.env["stock.picking"].sudo().search(
            [("shipment_booking_state", "=", "queued"), ("write_date", "<", quiet)]
        )._enqueue_label()
        runs = (
            self.env["shipment.booking.run"].sudo().search([("state", "=", "running")])
        )
        runs.filtered(lambda run: run._is_quiet(quiet))._enqueue()

    @api.model
    def _get_claim_delay(self):
        minutes = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("shipment_visibility_carriers.unclaimed_minutes", 30)
        )
        return timedelta(minutes=max(int(minutes), 5))

    @api.model
    def _attend(self, ticket, tidy, *args):
        """Tidy one booking; what stands in the way of one holds back no other."""
        try:
            with self.env.cr.savepoint():
                tidy(ticket, *args)
        except Exception as error:
            self._log_failure(ticket, error)

    @api.model
    def _tidy_open(self, ticket):
        """Find out what became of a booking, or hand the question to a person."""
        if ticket.state == "requested":
            was_open = self._mark_orphan(ticket)
            if not was_open or not ticket.is_sent:
                return
        try:
            adapter = self._get_adapter(ticket)
            if ticket.state == "answered":
                self._read(ticket, adapter, ticket.answer)
            else:
                self._reconcile(ticket, adapter)
        except UserError as error:
            self._announce(ticket, str(error))

    @api.model
    def _unclaimed(self, tickets):
        """The bookings whose key no shipment bears, and for which no delivery waits."""
        claimed = (
            self.env["shipment.shipment"]
            .sudo()
            .with_context(active_test=False)
            .search([("booking_key", "in", [ticket.key for ticket in tickets])])
            .mapped("booking_key")
        )
        unclaimed = [ticket for ticket in tickets if ticket.key not in claimed]
        waiting = (
            self.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("id", "in", [id_ for t in unclaimed for id_ in t.picking_ids]),
                    ("shipment_booking_state", "!=", False),
                ]
            )
        )
        waiting._enqueue_label()
        awaited = set(waiting.ids)
        return [t for t in unclaimed if awaited.isdisjoint(t.picking_ids)]

    @api.model
    def _tidy_unclaimed(self, ticket, forgotten):
        """Void a label that was bought for a validation which then did not happen."""
        try:
            is_voided = self._void(ticket.key, unless_handed_since=forgotten)
        except UserError as error:
            self._announce(ticket, str(error))
            return
        if is_voided:
            self._say(
                ticket,
                self.env._(
                    "The label %(numbers)s was bought, but the delivery was not validated. "
                    "It has been cancelled at the carrier.",
                    numbers=ticket.numbers,
                ),
            )

    @api.model
    def _tidy_voided(self, forgotten):
        """Cancel shipments whose label was voided in a transaction that then failed."""
        bookings = self.env["shipment.booking"].sudo()
        voided = bookings.search(
            [("state", "=", "voided"), ("write_date", "<", forgotten)],
            order="write_date desc",
            limit=1000,
        )
        shipments = (
            self.env["shipment.shipment"]
            .sudo()
            .search(
                [
                    ("booking_key", "in", voided.mapped("key")),
                    ("package_ids.live", "=", True),
                ]
            )
        )
        for shipment in shipments:
            shipment._end_voided_label()

    @api.model
    def _announce(self, ticket, message):
        """Ask a person to decide, once."""
        bookings = self.env["shipment.booking"]
        with bookings._own() as own:
            booking = own._claim(ticket, ("requested", "answered", "unknown", "booked"))
            is_news = booking and not booking.announced
            state = booking.state
            booking.write({"announced": True})
        if is_news:
            self._say(ticket, message)
            self._ask(ticket, state, message)

    @api.model
    def _announce_lost(self, key, message):
        """As :meth:`_announce`, for the booking with this key."""
        for ticket in self.env["shipment.booking"]._find([("key", "=", key)]):
            self._announce(ticket, message)

    @api.model
    def _say(self, ticket, message):
        """Tell it where people look: on the deliveries, as far as they exist."""
        pickings = self._pickings(ticket)
        if not pickings:
            _logger.info("booking %s (%s): %s", ticket.key, ticket.name, message)
        for picking in pickings:
            picking.message_post(body=message)

    @api.model
    def _ask(self, ticket, state, message):
        """Open an exception on each delivery: only a person knows what to do."""
        self._open_questions(
            self._pickings(ticket), f"{QUESTION}{ticket.key}:{state}", message
        )

    @api.model
    def _ask_about_label(self, picking, message):
        """Open an exception on a delivery that left without a label."""
        self._open_questions(picking, f"{LABEL_QUESTION}{picking.id}", message)

    @api.model
    def _open_questions(self, pickings, key, message):
        kind = self.env["shipment.exception.type"]._get("booking_failed")
        self.env["shipment.exception"].sudo()._open_all(
            [
                {
                    "picking_id": picking.id,
                    "type_id": kind,
                    "key": key,
                    "reason": message,
                    "opened_at": fields.Datetime.now(),
                }
                for picking in pickings
            ]
        )._announce()

    @api.model
    def _tidy_answered(self):
        """Close the questions to which the booking's state has given the answer."""
        asked = (
            self.env["shipment.exception"]
            .sudo()
            .search([("key", "=like", f"{QUESTION}%"), ("state", "=", "open")])
        )
        told = {e: e.key.removeprefix(QUESTION).rsplit(":", 1) for e in asked}
        tickets = self.env["shipment.booking"]._find(
            [("key", "in", [key for key, _state in told.values()])]
        )
        states = {ticket.key: ticket.state for ticket in tickets}
        asked.filtered(
            lambda e: (
                not e.picking_id.shipment_booking_state
                if told[e][0] == "label"
                else states.get(told[e][0]) != told[e][1]
            )
        )._close(fields.Datetime.now())

    @api.model
    def _pickings(self, ticket):
        # The janitor looks after the bookings of all companies.
        return self.env["stock.picking"].sudo().browse(ticket.picking_ids).exists()
