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
        calls = []
        for wish, (ticket, is_new) in zip(wishes, opened, strict=True):
            if is_new:
                calls.append(
                    Call(
                        (wish, ticket),
                        account,
                        _purchase,
                        (
                            self._begin_or_give_up,
                            self._keep_draft,
                            ticket,
                            wish.request,
                        ),
                        ticket.correlation_id,
                    )
                )
            else:
                yield wish, self._obtain_calmly(wish)
        adapter = account._adapter()
        runs = self.env["shipment.carrier.calls"]._run(calls, account.parallel_calls)
        for call, result in runs:
            wish, ticket = call.key
            try:
                yield wish, (ticket, self._record(ticket, adapter, result))
            except UserError as error:
                yield wish, error

    @api.model
    def _begin_or_give_up(self, ticket):
        """Write down that the carrier is asked now.

        :raise base.Unavailable: the booking was given up while it waited for its turn.
        """
        if not self.env["shipment.booking"]._begin(ticket):
            raise base.Unavailable(
                self.env._("The request was given up before the carrier was asked.")
            )

    @api.model
    def _obtain_calmly(self, wish):
        """What was begun before goes on alone: it is rare, and may need a look-up."""
        try:
            return self._obtain(wish)
        except UserError as error:
            return error


def _purchase(adapter, aside, begin, keep_draft, ticket, request):
    """As :func:`.shipment_booking_desk.purchase`, in a thread that had to wait its turn."""
    aside(begin, ticket)
    return purchase(adapter, aside, keep_draft, ticket, request)
