import hashlib
import json
import logging
import traceback

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..adapters import base
from .booking_terms import CarrierDown

_logger = logging.getLogger(__name__)

# What may differ between two tries of the same thing: also the bench they are made at.
NOT_CONTENT = {"idempotency_key", "ship_date", "label_format"}


class ShipmentBookingDesk(models.AbstractModel):
    """Books and voids at carriers, through ``shipment.booking``.

    Nothing here writes a record of the caller's transaction.
    """

    _name = "shipment.booking.desk"
    _description = "Booking Desk"

    # === BOOKING === #

    @api.model
    def _obtain(self, wish, budget=None):
        """Return the one live booking and its answer, buying it if there is none.

        Asking again for the same content, after a rollback or by a second click, finds what
        was bought; asking for other content voids it first.

        :param float budget: seconds the carrier may take in all, where somebody waits.
        :raise CarrierDown: nothing can be had now, for no fault of the data.
        :raise UserError: nothing can be had; it says why and what to do.
        """
        account = wish.method.sudo().shipment_account_id
        # Whatever is wrong with the account must show before anything is requested.
        account._adapter()
        subject = self._prepare_subject(wish)
        # Each round ends, or takes one dead booking out of the way.
        for _round in range(3):
            ticket, is_new = self.env["shipment.booking"]._open(subject)
            if is_new:
                adapter = account._adapter(ticket.correlation_id, budget=budget)
                return ticket, self._buy(ticket, adapter, wish.request)
            # It may have been booked elsewhere: only there can one ask what became of it.
            owner = self._get_adapter(ticket, budget)
            if answer := self._settle(ticket, owner, subject):
                return ticket, answer
        raise UserError(
            self.env._("%s is being booked by somebody else.", subject["name"])
        )

    @api.model
    def _prepare_subject(self, wish):
        ids = sorted(wish.pickings.ids)
        account = wish.method.sudo().shipment_account_id
        content = [
            account.id,
            account.environment,
            wish.request.model_dump(mode="json", exclude=NOT_CONTENT),
        ]
        return {
            "name": ", ".join(wish.pickings.mapped("name")),
            "kind": wish.kind,
            "digest": subject_digest(wish.kind, ids),
            "content_hash": _sha256(json.dumps(content, sort_keys=True)),
            "picking_ids": ids,
            "parcel_references": [parcel.reference for parcel in wish.request.parcels],
            "service": wish.request.service,
            "delivery_carrier_id": wish.method.id,
            "account_id": account.id,
            "account_name": account.name,
            "company_id": account.company_id.id,
            "user_id": self.env.uid,
            "user_name": self.env.user.name,
        }

    @api.model
    def _buy(self, ticket, adapter, request):
        try:
            answer = purchase(adapter, _at_once, self._keep_draft, ticket, request)
        except Exception as error:
            answer = error
        return self._record(ticket, adapter, answer)

    @api.model
    def _keep_draft(self, ticket, remote_id):
        """Keep the id of what a two-step carrier will sell, before it is bought.

        :raise base.Unavailable: somebody has given the request up meanwhile.
        """
        if not self.env["shipment.booking"]._move(
            ticket, ("requested",), "requested", remote_id=remote_id
        ):
            raise base.Unavailable(
                self.env._("The request was given up before the carrier was asked.")
            )

    @api.model
    def _record(self, ticket, adapter, result):
        """Keep what came of a purchase: the carrier's raw answer, or an error.

        :return: the answer, read.
        :raise CarrierDown: it is not had now, or nobody knows.
        :raise UserError: the carrier refused.
        """
        if isinstance(result, bytes):
            return self._keep(ticket, adapter, result)
        move = self.env["shipment.booking"]._move
        if isinstance(result, base.OutcomeUnknown | base.MalformedMessage):
            words = str(result)
        elif isinstance(result, base.CarrierError):
            move(ticket, ("requested",), "refused", error=str(result))
            raise self._explain_refusal(ticket, result)
        else:
            words = self._log_failure(ticket.key, result)
        move(ticket, ("requested",), "unknown", error=words)
        raise self._explain_unknown(ticket, words, adapter)

    @api.model
    def _keep(self, ticket, adapter, answer):
        """Keep the raw answer before thinking about it, then read it."""
        if not self.env["shipment.booking"]._answer(ticket, answer):
            return self._keep_late(ticket, adapter, answer)
        return self._read(ticket, adapter, answer)

    @api.model
    def _keep_late(self, ticket, adapter, answer):
        """Deal with an answer after somebody has decided without it.

        :raise CarrierDown: the label is not to be used: another has taken its place.
        """
        (now,) = self.env["shipment.booking"]._find([("key", "=", ticket.key)])
        if now.state in ("answered", "booked"):
            return self._recall(now, adapter)
        words = self.env._("Another label has taken its place, so it was cancelled.")
        try:
            adapter.void(adapter.parse_booking(answer).remote_id)
        except base.CarrierError as error:
            words = self.env._(
                "Another label has taken its place, and it was not cancelled: %s",
                str(error),
            )
        message = self.env._(
            "%(delivery)s: the carrier answered to %(key)s too late. %(words)s",
            delivery=ticket.name,
            key=ticket.key,
            words=words,
        )
        self._tell_everybody(ticket, message)
        raise CarrierDown(message, is_busy=True)

    @api.model
    def _read(self, ticket, adapter, answer):
        bookings = self.env["shipment.booking"]
        try:
            booked = adapter.parse_booking(answer)
        except base.CarrierError as error:
            words = str(error)
        except Exception as error:
            words = self._log_failure(ticket.key, error)
        else:
            bookings._move(
                ticket,
                ("answered",),
                "booked",
                handed_at=fields.Datetime.now(),
                **bookings._prepare_booked(booked),
            )
            return booked
        bookings._move(ticket, ("answered",), "unknown", error=words)
        raise self._explain_unknown(ticket, words, adapter)

    # === WORDS === #

    @api.model
    def _get_adapter(self, ticket, budget=None):
        account = self.env["shipment.carrier.account"].sudo().browse(ticket.account_id)
        if not account.exists():
            raise UserError(
                self.env._(
                    "The account %(account)s, which booked %(delivery)s, was deleted.",
                    account=ticket.account_name,
                    delivery=ticket.name,
                )
            )
        return account._adapter(ticket.correlation_id, budget=budget)

    @api.model
    def _explain_refusal(self, ticket, error):
        """The carrier's words, and what to do when they do not say it."""
        hint = ""
        if isinstance(error, base.AuthFailed):
            hint = self.env._(
                "An administrator must check the credentials of the account %s.",
                ticket.account_name,
            )
        elif isinstance(error, base.Unavailable):
            hint = self.env._("Nothing was booked.")
        text = "\n".join(filter(None, [f"{ticket.name}: {error}", hint]))
        if isinstance(error, base.Unavailable):
            return CarrierDown(text, retry_after=error.retry_after)
        return UserError(text)

    @api.model
    def _explain_unknown(self, ticket, words, adapter, retry_after=None):
        text = self.env._(
            "%(delivery)s: it is not known whether the carrier has booked it. %(words)s\n"
            "It is not booked again blindly, because that could cost twice. A shipment "
            "manager can look up the reference %(key)s at the carrier and decide in "
            "Inventory › Shipments › Bookings.",
            delivery=ticket.name,
            words=words,
            key=ticket.key,
        )
        return CarrierDown(
            text,
            key=ticket.key,
            needs_person=not adapter.offers("find_by_reference"),
            retry_after=retry_after,
        )

    @api.model
    def _log_failure(self, key, error):
        """Log the frames, not the text of the error: that may quote the message."""
        _logger.error(
            "booking %s failed with %s:\n%s",
            key,
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )
        return type(error).__name__


def _at_once(function, *args):
    """Run an errand here and now: there is no other thread."""
    return function(*args)


def purchase(adapter, aside, keep_draft, ticket, request):
    """Buy what a ticket stands for; return the carrier's raw answer. Fit for a thread.

    :param aside: has a function run where there is a database.
    :param keep_draft: keeps the remote id of a two-step carrier.
    :raise base.CarrierError: nothing was bought, unless it is ``OutcomeUnknown``.
    """
    request = request.model_copy(update={"idempotency_key": ticket.key})
    try:
        remote_id = adapter.prepare(request)
    except (base.OutcomeUnknown, base.MalformedMessage) as error:
        # A draft costs nothing: whatever became of it, nothing was bought.
        raise base.Unavailable(str(error)) from None
    if remote_id:
        aside(keep_draft, ticket, remote_id)
        request = request.model_copy(update={"remote_id": remote_id})
    buy = adapter.return_label if ticket.kind == "return" else adapter.book
    return buy(request)


def subject_digest(kind, ids):
    """What names the deliveries of a booking, given their ids in order."""
    return _sha256(f"{kind} {ids}")


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()
