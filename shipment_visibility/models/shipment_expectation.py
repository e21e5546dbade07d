import datetime as dt

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..canonical import milestone as vocabulary
from ..canonical.milestone import Code
from ..canonical.watch import Expectation, Promises, due
from ..transaction import own_transaction
from .shipment_catching_up import LOOK_AGAIN
from .shipment_exception import _naive

KINDS = [
    ("handover", "What is labelled is scanned by the carrier"),
    ("silence", "What is under way is heard of"),
    ("promise", "It is there when it was promised"),
    ("milestone", "A milestone follows another"),
    ("proof", "What is delivered has a proof"),
]
BATCH_SIZE = 200
# In one run; what is left is the next run's.
MAX_BATCHES = 50


class ShipmentExpectation(models.Model):
    """Something that should happen to a shipment within some hours, or it is an exception."""

    _name = "shipment.expectation"
    _description = "Shipment Expectation"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: in all companies.")
    kind = fields.Selection(KINDS, string="What Is Expected", required=True)
    after_code = fields.Selection(vocabulary.selection(), string="After")
    expected_code = fields.Selection(vocabulary.selection(), string="Follows")
    hours = fields.Float(
        string="Within (hours)", required=True, default=24.0, help="By the clock."
    )
    carrier_ids = fields.Many2many("shipment.carrier", string="Carriers")
    delivery_carrier_ids = fields.Many2many(
        "delivery.carrier", string="Delivery Methods"
    )
    service = fields.Char(help="The carrier's service. Empty: any.")
    exception_type_id = fields.Many2one(
        "shipment.exception.type", string="Else Open", required=True
    )

    _hours_positive = models.Constraint(
        "CHECK (hours >= 0)", "The hours cannot be negative."
    )

    @api.constrains("kind", "after_code", "expected_code")
    def _check_codes(self):
        for expectation in self:
            codes = (expectation.after_code, expectation.expected_code)
            if expectation.kind == "milestone" and not all(codes):
                raise ValidationError(
                    self.env._(
                        "Say which milestone follows which in “%(name)s”.",
                        name=expectation.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to look at what is under way with the new eyes."""
        expectations = super().create(vals_list)
        expectations._look_anew()
        return expectations

    def write(self, vals):
        """Override of Odoo to look at what is under way with the new eyes."""
        result = super().write(vals)
        self._look_anew()
        return result

    def _look_anew(self):
        """Have the watch look at every shipment that is under way, in its batches."""
        if self:
            # There may be hundreds of thousands under way: no record is made for each.
            self.env.cr.execute(
                "UPDATE shipment_shipment SET watch_at = %s WHERE headline <> ALL(%s)",
                [fields.Datetime.now(), list(vocabulary.TERMINAL)],
            )
            self.env["shipment.shipment"].invalidate_model(["watch_at"])

    def _applies_to(self, shipment):
        """Whether such a shipment is expected to do so."""
        return (
            shipment.direction == "outbound"
            and self.company_id in (shipment.company_id, self.company_id.browse())
            and (not self.carrier_ids or shipment.carrier_id in self.carrier_ids)
            and (
                not self.delivery_carrier_ids
                or shipment.delivery_carrier_id in self.delivery_carrier_ids
            )
            and self.service in (False, shipment.service)
        )

    def _as_canonical(self):
        return Expectation(
            self.kind,
            self.hours,
            after=self.after_code and Code(self.after_code),
            expected=self.expected_code and Code(self.expected_code),
        )

    def _key(self):
        # "~" marks what a watch opens and closes.
        return f"~expectation:{self.id}"


class ShipmentShipment(models.Model):
    """What the shipments are watched for, without ever looking at all of them."""

    _inherit = "shipment.shipment"

    watch_at = fields.Datetime(
        copy=False, help="When something will be overdue, unless there is news before."
    )

    _watch_idx = models.Index("(watch_at) WHERE watch_at IS NOT NULL")

    @api.model
    def _expectations(self):
        """Return what is expected of shipments of these companies, as the watch reads it."""
        records = self.env["shipment.expectation"].search(
            Domain("company_id", "=", False)
            | Domain("company_id", "in", self.company_id.ids)
        )
        return {record: record._as_canonical() for record in records}

    def _overdue(self, timeline, expectations):
        """Return what of a shipment is overdue now, and when it is looked at next.

        :param expectations: ``{record: canonical.watch.Expectation}``
        :return: ``({expectation: since when}, the next moment or None)``, naive UTC
        """
        now = dt.datetime.now(dt.UTC)
        promised_at = self._promise()
        promises = Promises(
            promised_at and promised_at.replace(tzinfo=dt.UTC), self._has_document()
        )
        moments = {
            record: at
            for record, expectation in expectations.items()
            if (at := due(expectation, timeline, promises)) and record._applies_to(self)
        }
        overdue = {what: _naive(at) for what, at in moments.items() if at <= now}
        coming = min((at for at in moments.values() if at > now), default=None)
        return overdue, _naive(coming)

    def _end_watches(self, timelines):
        """Close what news has put right, and write when each is looked at next."""
        expectations = self._expectations()
        watched = self.env["shipment.exception"].search(
            [
                ("shipment_id", "in", self.ids),
                ("state", "=", "open"),
                ("key", "=like", "~%"),
            ]
        )
        next_looks = {}
        for shipment in self:
            overdue, coming = shipment._overdue(timelines[shipment.id], expectations)
            keys = {expectation._key() for expectation in overdue}
            watched.filtered(
                lambda e, s=shipment, keys=keys: (
                    e.shipment_id == s and e.key not in keys
                )
            )._close(fields.Datetime.now())
            # What is overdue by this very news is opened by the watch, not by ingestion.
            unopened = keys - set(shipment.exception_ids.mapped("key"))
            next_looks[shipment] = fields.Datetime.now() if unopened else coming
        return next_looks

    @api.model
    def _cron_watch(self):
        """Match stragglers and open exceptions for what is overdue, in own transactions."""
        with own_transaction(self.env) as env:
            env["shipment.shipment"]._match_stragglers()
        if self._is_taking_up_again():
            return
        for _batch in range(MAX_BATCHES):
            with own_transaction(self.env) as env:
                if env["shipment.shipment"]._watch(BATCH_SIZE) < BATCH_SIZE:
                    break

    @api.model
    def _watch(self, limit):
        """Look at shipments of which something may be overdue.

        :return: how many there were
        """
        self.env.cr.execute(
            "SELECT id FROM shipment_shipment WHERE watch_at <= %s"
            " ORDER BY watch_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
            [fields.Datetime.now(), limit],
        )
        shipments = self.browse(sorted(row[0] for row in self.env.cr.fetchall()))
        expectations = shipments._expectations()
        troubles = []
        timelines = shipments._timelines()
        unheard = shipments._filter_unheard()
        # Nobody has listened: its silence may be ours.
        unheard.watch_at = fields.Datetime.now() + LOOK_AGAIN
        for shipment in shipments - unheard:
            overdue, coming = shipment._overdue(timelines[shipment.id], expectations)
            shipment.watch_at = coming
            troubles += [
                {
                    "shipment_id": shipment.id,
                    "type_id": expectation.exception_type_id,
                    "key": expectation._key(),
                    "reason": expectation.name,
                    "opened_at": since,
                }
                for expectation, since in overdue.items()
            ]
        self.env["shipment.exception"]._open_all(troubles)
        return len(shipments)
