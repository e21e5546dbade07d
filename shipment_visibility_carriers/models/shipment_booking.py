import base64
import hashlib
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.shipment_visibility.canonical.schema import (
    BookingAnswer,
    Document,
    ParcelLabel,
)
from odoo.addons.shipment_visibility.transaction import own_transaction

# States in which nothing of ours can be live at the carrier.
DEAD = ("refused", "voided")

LIVE_BOOKING = """
    SELECT id
      FROM shipment_booking
     WHERE digest = %s
       AND state NOT IN ('refused', 'voided')
"""
CLAIM_BOOKING = """
    SELECT id
      FROM shipment_booking
     WHERE key = %s
       AND state = ANY(%s)
       FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one needs to know of a booking outside the transaction that read or wrote it."""

    key: str
    state: str
    kind: str
    name: str
    account_id: int
    account_name: str
    picking_ids: tuple[int, ...]
    content_hash: str
    correlation_id: str
    user_id: int
    user_name: str
    asked_at: datetime
    handed_at: datetime | None
    parcel_references: tuple[str, ...]
    service: str
    remote_id: str
    numbers: str
    error: str
    entered: str = field(repr=False)
    answer: bytes = field(repr=False)


class ShipmentBooking(models.Model):
    """The write-ahead record of what we ask a carrier to book: never two labels, none lost.

    It is written in transactions of its own, before and after the carrier is called, and
    never in the user's: that one may be rolled back or repeated, and the label stays bought.
    So it holds no foreign key, only plain ids and snapshots::

        requested -> answered -> booked -> voiding -> voided
             |           |
             |           +-> unknown: perhaps bought; looked up, never repeated blindly
             +-> refused: nothing was bought

    ``shipment.booking.desk`` is who moves it along.
    """

    _name = "shipment.booking"
    _description = "Booking at a Carrier"
    _order = "id desc"

    name = fields.Char(string="Deliveries", readonly=True)
    kind = fields.Selection(
        [("outbound", "Shipment"), ("return", "Return")], readonly=True
    )
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("answered", "Answered"),
            ("booked", "Booked"),
            ("refused", "Refused"),
            ("unknown", "Unknown"),
            ("voiding", "Being Voided"),
            ("voided", "Voided"),
        ],
        readonly=True,
        required=True,
    )
    key = fields.Char(
        string="Reference",
        readonly=True,
        required=True,
        help="Sent to the carrier, who then never books the same thing twice.",
    )
    digest = fields.Char(readonly=True, required=True)
    attempt = fields.Integer(readonly=True)
    content_hash = fields.Char(readonly=True)
    correlation_id = fields.Char(readonly=True)
    picking_ids = fields.Json(string="Delivery IDs", readonly=True)
    delivery_carrier_id = fields.Integer(string="Delivery Method ID", readonly=True)
    account_id = fields.Integer(string="Account ID", readonly=True)
    account_name = fields.Char(string="Account", readonly=True)
    company_id = fields.Integer(string="Company ID", readonly=True)
    user_id = fields.Integer(string="User ID", readonly=True)
    user_name = fields.Char(string="Requested By", readonly=True)
    asked_at = fields.Datetime(string="Requested At", readonly=True)
    handed_at = fields.Datetime(
        readonly=True, help="When the answer was last given to somebody to attach."
    )
    parcel_references = fields.Json(readonly=True)
    service = fields.Char(readonly=True)
    remote_id = fields.Char(string="Carrier's ID", readonly=True)
    numbers = fields.Char(string="Tracking Numbers", readonly=True)
    answer = fields.Binary(
        attachment=False,
        readonly=True,
        groups="base.group_system",
        help="The carrier's answer exactly as received.",
    )
    entered = fields.Text(
        readonly=True,
        groups="base.group_system",
        help="The answer as a person entered it, where the carrier's own was lost.",
    )
    error = fields.Char(string="What Happened", readonly=True)
    announced = fields.Boolean(
        readonly=True, help="A person has been told that a decision is needed."
    )
    is_reconcilable = fields.Boolean(compute="_compute_is_reconcilable")

    _key_uniq = models.UniqueIndex("(key)", "This reference has been used already.")
    _live_uniq = models.UniqueIndex(
        "(digest) WHERE state NOT IN ('refused', 'voided')",
        "These deliveries have a live booking already.",
    )
    _open_idx = models.Index(
        "(state, asked_at) WHERE state NOT IN ('refused', 'voided')"
    )

    def _compute_is_reconcilable(self):
        accounts = self.env["shipment.carrier.account"].sudo()
        available = accounts._available_adapters()
        for booking in self:
            adapter = available.get(
                accounts.browse(booking.account_id).exists().adapter
            )
            booking.is_reconcilable = bool(
                adapter and "find_by_reference" in adapter.capabilities()
            )

    # === TRANSACTIONS OF OUR OWN === #

    @contextmanager
    def _own(self):
        """The model in a transaction of its own, which is committed on leaving."""
        with own_transaction(self.env) as env:
            yield env[self._name].with_user(SUPERUSER_ID)

    @api.model
    def _open(self, subject):
        """Return the live booking of a subject, and whether it was just requested by us."""
        with self._own() as bookings:
            cr = bookings.env.cr
            # A twin waits here for milliseconds, and then sees our row.
            cr.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [subject["digest"]],
            )
            cr.execute(LIVE_BOOKING, [subject["digest"]])
            if found := cr.fetchone():
                return bookings.browse(found[0])._ticket(), False
            attempt = bookings.search_count([("digest", "=", subject["digest"])]) + 1
            booking = bookings.create(
                {
                    **subject,
                    "attempt": attempt,
                    "state": "requested",
                    "key": self._new_key(subject["digest"], attempt),
                    "correlation_id": str(uuid.uuid4()),
                    "asked_at": fields.Datetime.now(),
                }
            )
            return booking._ticket(), True

    @api.model
    def _new_key(self, digest, attempt):
        """A reference that no other database uses, not even a copy of this one."""
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        unique = hashlib.sha256(f"{database}{digest}{attempt}".encode()).hexdigest()
        return f"SHP-{unique[:24].upper()}"

    @api.model
    def _move(self, ticket, allowed, state, **vals):
        """Bring a booking from one of the allowed states to another, and commit.

        :return: whether it was in an allowed state.
        """
        with self._own() as bookings:
            booking = bookings._claim(ticket, allowed)
            booking.write({"state": state, **vals})
        return bool(booking)

    @api.model
    def _claim(self, ticket, allowed):
        """Lock the booking and return it, or nothing when it is in another state."""
        self.env.cr.execute(CLAIM_BOOKING, [ticket.key, list(allowed)])
        return self.browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _find(self, domain):
        """Tickets as they are now, whatever the caller's transaction can see."""
        with self._own() as bookings:
            return [
                booking._ticket() for booking in bookings.search(domain, order="id")
            ]

    def _ticket(self):
        self.ensure_one()
        return Ticket(
            key=self.key,
            state=self.state,
            kind=self.kind,
            name=self.name,
            account_id=self.account_id,
            account_name=self.account_name,
            picking_ids=tuple(self.picking_ids),
            content_hash=self.content_hash,
            correlation_id=self.correlation_id,
            user_id=self.user_id,
            user_name=self.user_name,
            asked_at=self.asked_at,
            handed_at=self.handed_at or None,
            parcel_references=tuple(self.parcel_references),
            service=self.service or "",
            remote_id=self.remote_id or "",
            numbers=self.numbers or "",
            error=self.error or "",
            entered=self.entered or "",
            answer=base64.b64decode(self.answer or b""),
        )

    @api.model
    def _get_live_labels(self):
        """One line for each label that can still be used at a carrier."""
        return [
            f"{ticket.name} ({ticket.account_name}): "
            f"{ticket.numbers or ticket.key} [{ticket.state}]"
            for ticket in self._find([("state", "not in", DEAD)])
        ]

    # === WHAT A PERSON DECIDES === #

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
        return self._move(
            ticket,
            ("unknown",),
            "booked",
            entered=booked.model_dump_json(),
            handed_at=fields.Datetime.now(),
            **self._prepare_booked(booked),
        )

    @api.model
    def _prepare_booked(self, booked):
        return {
            "remote_id": booked.remote_id,
            "service": booked.service,
            "numbers": ", ".join(label.tracking_number for label in booked.labels),
            "error": False,
        }

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
