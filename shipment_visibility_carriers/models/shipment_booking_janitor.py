import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .booking_terms import CarrierDown
from .shipment_booking_settle import PATIENCE

_logger = logging.getLogger(__name__)

# Begins the key of an exception that asks about a booking; only a person answers it.
QUESTION = "!booking:"
LABEL_QUESTION = f"{QUESTION}label:"
BATCH_SIZE = 500
# What nobody has claimed for so long was looked at long ago.
LOOK_BACK = timedelta(days=30)
UNCLAIMED = """
    SELECT booking.key
      FROM shipment_booking AS booking
     WHERE booking.state = 'booked'
       AND booking.handed_at < %s
       AND booking.handed_at > %s
       -- what a person entered waits for that person
       AND booking.entered IS NULL
       -- what was found after a backup was restored waits for its delivery
       AND booking.is_found IS NOT TRUE
       AND NOT EXISTS (SELECT FROM shipment_shipment AS shipment
                        WHERE shipment.booking_key = booking.key)
  ORDER BY booking.id
     LIMIT %s
"""


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
            self._attend(ticket.key, self._tidy_open, ticket)
        forgotten = fields.Datetime.now() - self._get_claim_delay()
        for ticket in self._find_unclaimed(forgotten):
            self._attend(ticket.key, self._tidy_unclaimed, ticket, forgotten)
        for ticket in bookings._find(
            [("state", "=", "voiding"), ("write_date", "<", forgotten)]
        ):
            self._attend(ticket.key, self._tidy_voiding, ticket)
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
    def _attend(self, key, tidy, *args):
        """Tidy one booking; what stands in the way of one holds back no other."""
        try:
            with self.env.cr.savepoint():
                tidy(*args)
        except Exception as error:
            self._log_failure(key, error)

    @api.model
    def _tidy_open(self, ticket):
        """Find out what became of a booking, or hand the question to a person."""
        if ticket.state == "requested":
            if self._mark_orphan(ticket) != "unknown":
                return
            ticket = self.env["shipment.booking"]._find([("key", "=", ticket.key)])[0]
        try:
            adapter = self._get_adapter(ticket)
            if ticket.state == "answered":
                self._read(ticket, adapter, ticket.answer)
            else:
                self._reconcile(ticket, adapter)
        except CarrierDown as error:
            if error.needs_person or not error.retry_after:
                self._announce(ticket, str(error))
        except UserError as error:
            self._announce(ticket, str(error))

    @api.model
    def _find_unclaimed(self, forgotten):
        """The bookings whose key no shipment bears, and for which no delivery waits.

        A delivery that has left without a label waits for the one that is there.
        """
        self.env.flush_all()
        self.env.cr.execute(UNCLAIMED, [forgotten, forgotten - LOOK_BACK, BATCH_SIZE])
        keys = [key for (key,) in self.env.cr.fetchall()]
        unclaimed = self.env["shipment.booking"]._find([("key", "in", keys)])
        pickings = self.env["stock.picking"].sudo()
        for ticket in unclaimed:
            if ticket.kind == "outbound":
                pickings |= self._pickings(ticket)
        waiting = pickings._filter_without_label() | pickings.filtered(
            "shipment_booking_state"
        )
        waiting.action_book_label()
        awaited = set(waiting.ids)
        return [t for t in unclaimed if awaited.isdisjoint(t.picking_ids)]

    @api.model
    def _tidy_voiding(self, ticket):
        """Go on with a cancellation that was interrupted."""
        try:
            self._void(ticket.key)
        except UserError as error:
            self._announce(ticket, str(error))

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
            self._attend(shipment.booking_key, self._end_voided, shipment)

    @api.model
    def _end_voided(self, shipment):
        pickings = shipment.picking_ids
        shipment._end_voided_label()
        for picking in pickings._filter_without_label():
            if not picking.shipment_booking_state:
                picking._fail_label(
                    self.env._("Its label was cancelled, and no other was booked.")
                )

    @api.model
    def _announce(self, ticket, message):
        """Ask a person to decide; who has been asked already is not asked again."""
        (now,) = self.env["shipment.booking"]._find([("key", "=", ticket.key)])
        asked = self._ask(ticket, now.state, message)
        if asked:
            self._say(ticket, message)

    @api.model
    def _announce_lost(self, key, message):
        """As :meth:`_announce`, for the booking with this key."""
        for ticket in self.env["shipment.booking"]._find([("key", "=", key)]):
            self._announce(ticket, message)

    @api.model
    def _tell_everybody(self, ticket, message):
        """Tell it where people look, and open an exception."""
        self._say(ticket, message)
        self._ask(ticket, "late", message)

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
        """Open an exception on each delivery: only a person knows what to do.

        :return: the new ones.
        """
        return self._open_questions(
            self._pickings(ticket), f"{QUESTION}{ticket.key}:{state}", message
        )

    @api.model
    def _ask_about_label(self, picking, message):
        """Open an exception on a delivery that left without a label."""
        self._open_questions(picking, f"{LABEL_QUESTION}{picking.id}", message)

    @api.model
    def _open_questions(self, pickings, key, message):
        kind = self.env["shipment.exception.type"]._get("booking_failed")
        exceptions = self.env["shipment.exception"].sudo()
        known = exceptions.search(
            [("picking_id", "in", pickings.ids), ("key", "=", key)]
        ).picking_id
        opened = exceptions._open_all(
            [
                {
                    "picking_id": picking.id,
                    "type_id": kind,
                    "key": key,
                    "reason": message,
                    "opened_at": fields.Datetime.now(),
                }
                for picking in pickings - known
            ]
        )
        opened._announce()
        return opened

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
