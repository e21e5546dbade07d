import base64
import uuid
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.shipment_visibility.transaction import own_transaction

from .booking_terms import DEAD, Ticket

LABELS_TO_NAME = 200

# By an index of the containing lists: a delivery may be booked alone or with others.
LIVE_BOOKINGS = """
    SELECT DISTINCT ON (delivery.digest) delivery.digest, booking.id
      FROM unnest(%s, %s, %s::jsonb[]) AS delivery (digest, kind, ids)
      JOIN shipment_booking AS booking ON booking.picking_ids @> delivery.ids
     WHERE booking.kind = delivery.kind
       AND booking.state NOT IN ('refused', 'voided')
  ORDER BY delivery.digest, booking.id
"""
LOCK_DELIVERIES = """
    SELECT pg_advisory_xact_lock(hashtextextended(name, 0))
      FROM (SELECT unnest(%s) AS name ORDER BY 1) AS names
"""
MOVE_BOOKING = """
    UPDATE shipment_booking
       SET write_date = now() AT TIME ZONE 'UTC', %s
     WHERE key = %s
       AND state = ANY(%s)
"""
BEGIN_BOOKINGS = """
    UPDATE shipment_booking
       SET is_sent = true, asked_at = now() AT TIME ZONE 'UTC'
     WHERE key = ANY(%s)
       AND state = 'requested'
 RETURNING key
"""
ANSWER_BOOKINGS = """
    UPDATE shipment_booking AS booking
       SET state = 'answered', answer = given.answer::bytea, error = NULL,
           write_date = now() AT TIME ZONE 'UTC'
      FROM (VALUES %s) AS given (key, answer)
     WHERE booking.key = given.key
       AND booking.state = 'requested'
 RETURNING booking.key
"""
CLAIM_BOOKING = """
    SELECT id
      FROM shipment_booking
     WHERE key = %s
       AND state = ANY(%s)
       FOR UPDATE
"""


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
    is_sent = fields.Boolean(
        readonly=True, help="The carrier was asked, or was about to be."
    )
    is_found = fields.Boolean(
        string="Found after a Restore",
        readonly=True,
        help="Found in the carrier's list after a backup was restored. It waits for its "
        "delivery, whatever was packed since.",
    )
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
    is_reconcilable = fields.Boolean(compute="_compute_is_reconcilable")

    _key_uniq = models.UniqueIndex("(key)", "This reference has been used already.")
    _live_uniq = models.UniqueIndex(
        "(digest) WHERE state NOT IN ('refused', 'voided')",
        "These deliveries have a live booking already.",
    )
    # Each validation counts the attempts so far, dead ones too. Hashed, for a digest is only
    # ever compared as a whole: a third of the size.
    _digest_idx = models.Index("USING hash (digest)")
    _deliveries_idx = models.Index(
        "USING gin (picking_ids jsonb_path_ops) WHERE state NOT IN ('refused', 'voided')"
    )
    _unclaimed_idx = models.Index(
        "(handed_at) WHERE state = 'booked' AND entered IS NULL"
    )
    _open_idx = models.Index(
        "(state, asked_at) WHERE state NOT IN ('refused', 'voided')"
    )

    def _compute_is_reconcilable(self):
        accounts_sudo = self.env["shipment.carrier.account"].sudo()
        accounts_sudo = accounts_sudo.browse(self.mapped("account_id")).exists()
        able = {account.id for account in accounts_sudo if account._can_look_up()}
        for booking in self:
            booking.is_reconcilable = booking.account_id in able

    # === TRANSACTIONS OF OUR OWN === #

    @contextmanager
    def _own(self):
        """The model in a transaction of its own, which is committed on leaving."""
        with own_transaction(self.env) as env:
            yield env[self._name].with_user(SUPERUSER_ID)

    @api.model
    def _open(self, subject):
        """Return the live booking of a subject, and whether it was just requested by us.

        :raise UserError: one of the deliveries is booked together with others.
        """
        ((ticket, is_new),) = self._open_all([subject], is_sent=True)
        if ticket.digest != subject["digest"]:
            raise self._explain_overlap(subject, ticket)
        return ticket, is_new

    @api.model
    def _open_all(self, subjects, is_sent=False):
        """As :meth:`_open` for many at a time, in one transaction.

        :param bool is_sent: whether the carrier is asked at once, and not first told of by
            :meth:`_begin_all`.
        :return: a list of pairs; of a live booking of other deliveries together with one of
            these the digest differs.
        """
        with self._own() as bookings:
            # A twin waits here for milliseconds, and then sees our row.
            bookings.env.cr.execute(
                LOCK_DELIVERIES,
                [
                    [
                        f"{subject['kind']} {picking_id}"
                        for subject in subjects
                        for picking_id in subject["picking_ids"]
                    ]
                ],
            )
            live = bookings._find_live(subjects)
            requested = bookings._request_all(
                [{**s, "is_sent": is_sent} for s in subjects if s["digest"] not in live]
            ).grouped("digest")
            return [
                (live[digest]._ticket(), False)
                if digest in live
                else (requested[digest]._ticket(), True)
                for digest in (subject["digest"] for subject in subjects)
            ]

    @api.model
    def _begin_all(self, tickets):
        """Write down that the carrier is being asked from now on, and commit.

        :return: the keys of those that may be asked: nobody has given them up.
        """
        with self._own() as bookings:
            bookings.env.cr.execute(BEGIN_BOOKINGS, [[t.key for t in tickets]])
            return {key for (key,) in bookings.env.cr.fetchall()}

    def _find_live(self, subjects):
        """The live bookings in which these subjects' deliveries are: digest -> booking."""
        deliveries = [
            (subject["digest"], subject["kind"], f"[{picking_id}]")
            for subject in subjects
            for picking_id in subject["picking_ids"]
        ]
        self.env.cr.execute(
            LIVE_BOOKINGS, [list(each) for each in zip(*deliveries, strict=True)]
        )
        found = dict(self.env.cr.fetchall())
        bookings = self.browse(found.values())
        return dict(zip(found, bookings, strict=True))

    def _request_all(self, subjects):
        tried = dict(
            self._read_group(
                [("digest", "in", [subject["digest"] for subject in subjects])],
                ["digest"],
                ["__count"],
            )
        )
        return self.create(
            [
                {
                    "key": self._new_key(),
                    "asked_at": fields.Datetime.now(),
                    **subject,
                    "attempt": tried.get(subject["digest"], 0) + 1,
                    "state": "requested",
                    "correlation_id": str(uuid.uuid4()),
                }
                for subject in subjects
            ]
        )

    @api.model
    def _explain_overlap(self, subject, ticket):
        return UserError(
            self.env._(
                "%(delivery)s: there is a label for %(together)s. Cancel that one first.",
                delivery=subject["name"],
                together=ticket.name,
            )
        )

    @api.model
    def _new_key(self):
        """A reference never used before, also not by a copy or a restored backup of this."""
        return f"SHP-{uuid.uuid4().hex[:24].upper()}"

    @api.model
    def _move(self, ticket, allowed, state, **vals):
        """Bring a booking from one of the allowed states to another, and commit.

        :return: whether it was in an allowed state.
        """
        values = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value or None)
            for name, value in {"state": state, **vals}.items()
        )
        with self._own() as bookings:
            # Compared and set in one statement: a twin finds it in another state.
            bookings.env.cr.execute(
                SQL(MOVE_BOOKING, values, ticket.key, list(allowed))
            )
            return bool(bookings.env.cr.rowcount)

    @api.model
    def _answer(self, ticket, answer):
        """Keep a carrier's answer, and commit; also when the request was given up.

        :return: whether it is kept: not when another booking has taken its place.
        """
        with self._own() as bookings:
            booking = bookings._claim(ticket, ("requested", "unknown", "refused"))
            if booking.state == "refused" and bookings.search_count(
                [("digest", "=", ticket.digest), ("state", "not in", DEAD)], limit=1
            ):
                return False
            booking.write(
                {
                    "state": "answered",
                    "answer": base64.b64encode(answer),
                    "error": False,
                }
            )
        return bool(booking)

    @api.model
    def _answer_all(self, answers):
        """Keep the raw answers of purchases that went as they should, and commit.

        :param answers: ticket -> bytes.
        :return: the keys of those that are kept; the others need :meth:`_answer`.
        """
        if not answers:
            return set()
        rows = [(t.key, base64.b64encode(answer)) for t, answer in answers.items()]
        with self._own() as bookings:
            bookings.env.cr.execute_values(ANSWER_BOOKINGS, rows)
            return {key for (key,) in bookings.env.cr.fetchall()}

    @api.model
    def _book_all(self, read):
        """Bring answered bookings to booked, and commit.

        :param read: ticket -> the answer as the adapter read it.
        """
        if not read:
            return
        with self._own() as bookings:
            found = bookings.search([("key", "in", [ticket.key for ticket in read])])
            by_key = found.grouped("key")
            for ticket, booked in read.items():
                by_key[ticket.key].write(
                    {
                        "state": "booked",
                        "handed_at": fields.Datetime.now(),
                        **self._prepare_booked(booked),
                    }
                )

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
            digest=self.digest,
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
            is_sent=self.is_sent,
            is_found=self.is_found,
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
        """One line for each of the newest labels that can still be used at a carrier."""
        with self._own() as bookings:
            return [
                f"{booking.name} ({booking.account_name}): "
                f"{booking.numbers or booking.key} [{booking.state}]"
                for booking in bookings.search_fetch(
                    [("state", "not in", DEAD)],
                    ["name", "account_name", "numbers", "key", "state"],
                    limit=LABELS_TO_NAME,
                )
            ]

    @api.model
    def _prepare_booked(self, booked):
        return {
            "remote_id": booked.remote_id,
            "service": booked.service,
            "numbers": ", ".join(label.tracking_number for label in booked.labels),
            "error": False,
        }
