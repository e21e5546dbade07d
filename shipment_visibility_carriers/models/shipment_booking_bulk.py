from contextlib import suppress

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import groupby

from ..adapters import base
from .shipment_booking_desk import purchase
from .shipment_carrier_calls import Call


class ShipmentBookingBulk(models.AbstractModel):
    """Books many deliveries at a time: all are requested, then bought in parallel."""

    _inherit = "shipment.booking.desk"

    @api.model
    def _obtain_all(self, wishes):
        """As :meth:`_obtain` for many; yields each wish with what came of it.

        The result is ``(ticket, answer)``, or the ``UserError`` that says why there is none.
        """
        for account, group in groupby(
            wishes, lambda wish: wish.method.sudo().shipment_account_id
        ):
            try:
                account._adapter()
            except UserError as error:
                for wish in group:
                    yield wish, error
                continue
            yield from self._obtain_of_account(account, group)

    @api.model
    def _obtain_of_account(self, account, wishes):
        subjects = [self._prepare_subject(wish) for wish in wishes]
        opened = self.env["shipment.booking"]._open_all(subjects)
        fresh = []
        for wish, (ticket, is_new) in zip(wishes, opened, strict=True):
            if is_new:
                fresh.append((wish, ticket))
            else:
                yield wish, self._obtain_calmly(wish)
        adapter = account._adapter()
        parallel = account.parallel_calls
        calls = self._begin_calls(account, fresh, parallel)
        for ended in self.env["shipment.carrier.calls"]._run_groups(calls, parallel):
            yield from self._record_all(adapter, ended)

    @api.model
    def _begin_calls(self, account, fresh, parallel):
        """Yield the calls that buy, each written down as begun; some are begun at a time."""
        for start in range(0, len(fresh), parallel):
            some = fresh[start : start + parallel]
            begun = self.env["shipment.booking"]._begin_all([t for _wish, t in some])
            for wish, ticket in some:
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
                yield wish, (ticket, answer)
            except UserError as error:
                yield wish, error

    @api.model
    def _obtain_calmly(self, wish):
        """What was begun before goes on alone: it is rare, and may need a look-up."""
        try:
            return self._obtain(wish)
        except UserError as error:
            return error


def _give_up(_adapter, _aside, _keep_draft, ticket, _request):
    """In the place of a purchase whose booking was given up while it waited for its turn."""
    raise base.Unavailable(
        f"The request {ticket.key} was given up before the carrier was asked."
    )
