import base64
import hashlib
import json
import logging
import traceback
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import BookingAnswer

from ..adapters import base
from .shipment_booking import DEAD

_logger = logging.getLogger(__name__)

# A request that is older has lost its owner: no server lets a request run that long.
PATIENCE = timedelta(minutes=3)
# What may differ between two tries of the same thing.
NOT_CONTENT = {"idempotency_key", "ship_date"}


class ShipmentBookingDesk(models.AbstractModel):
    """Books and voids at carriers, through ``shipment.booking``.

    Nothing here writes a record of the caller's transaction.
    """

    _name = "shipment.booking.desk"
    _description = "Booking Desk"

    # === BOOKING === #

    @api.model
    def _obtain(self, kind, pickings, method, request):
        """Return the one live booking and its answer, buying it if there is none.

        Asking again for the same content, after a rollback or by a second click, finds what
        was bought; asking for other content voids it first.

        :param str kind: ``outbound`` or ``return``.
        :raise UserError: nothing can be had now; it says why and what to do.
        """
        account = method.sudo().shipment_account_id
        # Whatever is wrong with the account must show before anything is requested.
        account._adapter()
        subject = self._prepare_subject(kind, pickings, method, account, request)
        # Each round ends, or takes one dead booking out of the way.
        for _round in range(3):
            ticket, is_new = self.env["shipment.booking"]._open(subject)
            adapter = account._adapter(ticket.correlation_id)
            if is_new:
                return ticket, self._buy(ticket, adapter, request)
            if answer := self._settle(ticket, adapter, subject["content_hash"]):
                return ticket, answer
        raise UserError(
            self.env._("%s is being booked by somebody else.", subject["name"])
        )

    @api.model
    def _prepare_subject(self, kind, pickings, method, account, request):
        ids = sorted(pickings.ids)
        content = [
            account.id,
            account.environment,
            request.model_dump(mode="json", exclude=NOT_CONTENT),
        ]
        return {
            "name": ", ".join(pickings.mapped("name")),
            "kind": kind,
            "digest": _sha256(f"{kind} {ids}"),
            "content_hash": _sha256(json.dumps(content, sort_keys=True)),
            "picking_ids": ids,
            "parcel_references": [parcel.reference for parcel in request.parcels],
            "service": request.service,
            "delivery_carrier_id": method.id,
            "account_id": account.id,
            "account_name": account.name,
            "company_id": account.company_id.id,
            "user_id": self.env.uid,
            "user_name": self.env.user.name,
        }

    @api.model
    def _buy(self, ticket, adapter, request):
        request = request.model_copy(update={"idempotency_key": ticket.key})
        buy = adapter.return_label if ticket.kind == "return" else adapter.book
        move = self.env["shipment.booking"]._move
        try:
            answer = buy(request)
        except (base.OutcomeUnknown, base.MalformedMessage) as error:
            words = str(error)
        except base.CarrierError as error:
            move(ticket, ("requested",), "refused", error=str(error))
            raise UserError(self._explain_refusal(ticket, error)) from None
        except Exception as error:
            words = self._log_failure(ticket, error)
        else:
            return self._keep(ticket, adapter, answer)
        move(ticket, ("requested",), "unknown", error=words)
        raise UserError(self._explain_unknown(ticket, words))

    @api.model
    def _keep(self, ticket, adapter, answer):
        """Keep the raw answer before thinking about it, then read it."""
        self.env["shipment.booking"]._move(
            ticket,
            ("requested", "unknown"),
            "answered",
            answer=base64.b64encode(answer),
            error=False,
        )
        return self._read(ticket, adapter, answer)

    @api.model
    def _read(self, ticket, adapter, answer):
        bookings = self.env["shipment.booking"]
        try:
            booked = adapter.parse_booking(answer)
        except base.CarrierError as error:
            words = str(error)
        except Exception as error:
            words = self._log_failure(ticket, error)
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
        raise UserError(self._explain_unknown(ticket, words))

    # === WHAT IS THERE ALREADY === #

    @api.model
    def _settle(self, ticket, adapter, content_hash):
        """Use the live booking that was found, or take it out of the way.

        :return: its answer, or ``None`` when the way is free for a new booking.
        """
        self._check_is_free(ticket)
        answer = self._recall(ticket, adapter)
        if answer and ticket.content_hash != content_hash:
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
        if ticket.state == "booked":
            if ticket.entered:
                return BookingAnswer.model_validate_json(ticket.entered)
            return adapter.parse_booking(ticket.answer)
        if ticket.state == "answered":
            return self._read(ticket, adapter, ticket.answer)
        return self._reconcile(ticket, adapter)

    @api.model
    def _check_is_free(self, ticket):
        """Tell who is at it, and do not wait for them."""
        if ticket.state == "voiding":
            raise UserError(
                self.env._(
                    "The label of %s is being cancelled. Try again in a moment.",
                    ticket.name,
                )
            )
        if ticket.state == "requested" and not self._is_orphan(ticket):
            raise UserError(
                self.env._(
                    "%(user)s is booking %(delivery)s at this moment. "
                    "Wait until that is done, then look at the delivery again.",
                    user=ticket.user_name,
                    delivery=ticket.name,
                )
            )

    @api.model
    def _is_orphan(self, ticket):
        return fields.Datetime.now() - ticket.asked_at > PATIENCE

    @api.model
    def _mark_orphan(self, ticket):
        return self.env["shipment.booking"]._move(
            ticket,
            ("requested",),
            "unknown",
            error=self.env._(
                "The server stopped before the carrier's answer was kept."
            ),
        )

    @api.model
    def _reconcile(self, ticket, adapter):
        """Look an unknown booking up at the carrier.

        :return: its answer, or ``None`` when it is certain that nothing was bought.
        :raise UserError: the carrier cannot say; a person must.
        """
        if ticket.state == "requested":
            self._mark_orphan(ticket)
        if "find_by_reference" not in adapter.capabilities():
            raise UserError(self._explain_unknown(ticket, ticket.error))
        try:
            answer = adapter.find_by_reference(ticket.key)
        except base.CarrierError as error:
            raise UserError(self._explain_unknown(ticket, str(error))) from None
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
            words = self._log_failure(ticket, error)
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

    # === WORDS === #

    @api.model
    def _get_adapter(self, ticket):
        account = self.env["shipment.carrier.account"].sudo().browse(ticket.account_id)
        if not account.exists():
            raise UserError(
                self.env._(
                    "The account %(account)s, which booked %(delivery)s, was deleted.",
                    account=ticket.account_name,
                    delivery=ticket.name,
                )
            )
        return account._adapter(ticket.correlation_id)

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
            hint = self.env._("Nothing was booked. Try again later.")
        return "\n".join(filter(None, [f"{ticket.name}: {error}", hint]))

    @api.model
    def _explain_unknown(self, ticket, words):
        return self.env._(
            "%(delivery)s: it is not known whether the carrier has booked it. %(words)s\n"
            "It is not booked again blindly, because that could cost twice. A shipment "
            "manager can look up the reference %(key)s at the carrier and decide in "
            "Inventory › Shipments › Bookings.",
            delivery=ticket.name,
            words=words,
            key=ticket.key,
        )

    @api.model
    def _log_failure(self, ticket, error):
        """Log the frames, not the text of the error: that may quote the message."""
        _logger.error(
            "booking %s failed with %s:\n%s",
            ticket.key,
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )
        return type(error).__name__


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()
