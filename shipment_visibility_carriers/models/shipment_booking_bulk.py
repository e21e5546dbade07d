import time
from collections import deque
from contextlib import suppress

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import groupby

from ..adapters import base
from .shipment_booking_desk import purchase
from .shipment_carrier_calls import Call

# No carrier is asked for more labels after so many seconds: what was bought is attached and
# shown first, and a job ends long before a server would end it.
BEGINS_WITHIN = 10


class ShipmentBookingBulk(models.AbstractModel):
    """Books many deliveries at a time: some are requested while others are under way."""

    _inherit = "shipment.booking.desk"

    @api.model
    def _obtain_all(self, departures):
        """As :meth:`_obtain` for many, as far as there is time.

        :param departures: recordsets of deliveries, each to be booked as one shipment.

        Yields each departure with what came of it: ``(wish, ticket, answer)``, or the
        ``UserError`` that says why there is none. Those for which there was no time are left
        out.
        """
        deadline = time.monotonic() + BEGINS_WITHIN
        for account, group in groupby(
            departures,
            lambda pickings: pickings[:1].carrier_id.sudo().shipment_account_id,
        ):
            try:
                adapter = account and account._adapter()
            except UserError as error:
                for pickings in group:
                    yield pickings, error
                continue
            settled = deque()
            calls = self._begin_calls(account, group, settled, deadline)
            runs = self.env["shipment.carrier.calls"]._run_groups(
                calls, account.parallel_calls or 1
            )
            for ended in runs:
                yield from self._record_all(adapter, ended)
                while settled:
                    yield settled.popleft()
            yield from settled

    @api.model
    def _begin_calls(self, account, departures, settled, deadline):
        """Yield the calls that buy; some are requested and begun at a time.

        :param settled: takes what needs no call, with what came of it.
        :param deadline: the monotonic time after which no more are begun.
        """
        bookings = self.env["shipment.booking"]
        parallel = account.parallel_calls or 1
        for start in range(0, len(departures), parallel):
            if time.monotonic() > deadline:
                return
            wishes = []
            for pickings in departures[start : start + parallel]:
                try:
                    wishes.append(pickings[:1]._prepare_wish(pickings))
                except UserError as error:
                    settled.append((pickings, error))
            if not wishes:
                continue
            opened = bookings._open_all([self._prepare_subject(w) for w in wishes])
            fresh = []
            for wish, (ticket, is_new) in zip(wishes, opened, strict=True):
                if is_new:
                    fresh.append((wish, ticket))
                else:
                    settled.append((wish.pickings, self._obtain_calmly(wish)))
            begun = bookings._begin_all([ticket for _wish, ticket in fresh])
            for wish, ticket in fresh:
                yield Call(
                    (wish, ticket),
                    account,
                    purchase if ticket.key in begun else _give_up,
                    (self._keep_draft, ticket, wish.request),
                    ticket.correlation_id,
                )

    @api.model
    def _record_all(self, adapter, ended):
        """Keep what came of purchases that ended together: of each as :meth:`_record`."""
        answers = {
            call.key[1]: result for call, result in ended if isinstance(result, bytes)
        }
        kept = self.env["shipment.booking"]._answer_all(answers)
        read = {}
        for ticket, answer in answers.items():
            if ticket.key in kept:
                # What cannot be read is looked at alone, and told.
                with suppress(Exception):
                    read[ticket] = adapter.parse_booking(answer)
        self.env["shipment.booking"]._book_all(read)
        for call, result in ended:
            wish, ticket = call.key
            try:
                if ticket in read:
                    answer = read[ticket]
                elif ticket.key in kept:
                    answer = self._read(ticket, adapter, result)
                else:
                    answer = self._record(ticket, adapter, result)
                yield wish.pickings, (wish, ticket, answer)
            except UserError as error:
                yield wish.pickings, error

    @api.model
    def _obtain_calmly(self, wish):
        """What was begun before goes on alone: it is rare, and may need a look-up."""
        try:
            return wish, *self._obtain(wish)
        except UserError as error:
            return error


def _give_up(_adapter, _aside, _keep_draft, ticket, _request):
    """In the place of a purchase whose booking was given up while it waited for its turn."""
    raise base.Unavailable(
        f"The request {ticket.key} was given up before the carrier was asked."
    )
