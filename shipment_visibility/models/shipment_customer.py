import datetime as dt

import pytz
from babel.dates import format_skeleton, format_time

from odoo import fields, models
from odoo.tools.misc import babel_locale_parse

from ..canonical import milestone as vocabulary
from ..canonical.milestone import Code
from .shipment_ingest import _parcel_key

# A shipment that is back, or never left, has no bar: a sentence says what became of it.
OFF_THE_WAY = (Code.RETURNING, Code.RETURNED, Code.CANCELLED)


class ShipmentShipment(models.Model):
    """A shipment in the customer's words: what the portal and printed papers show."""

    _inherit = "shipment.shipment"

    def _customer_words(self):
        """Return how each milestone that is for customers is told them."""
        return {
            Code.INFO_RECEIVED: self.env._(
                "Label created, the carrier is to collect it"
            ),
            Code.PICKUP_SCHEDULED: self.env._("The carrier is booked to collect it"),
            Code.PICKED_UP: self.env._("Picked up by the carrier"),
            Code.DEPARTED: self.env._("Left the depot"),
            Code.IN_TRANSIT: self.env._("On its way"),
            Code.ARRIVED: self.env._("Arrived at a depot"),
            Code.CUSTOMS_PROCESSING: self.env._("In customs clearance"),
            Code.CUSTOMS_HELD: self.env._("Held at customs"),
            Code.CUSTOMS_CLEARED: self.env._("Cleared by customs"),
            Code.AT_DESTINATION: self.env._("Arrived at the depot that delivers it"),
            Code.DELIVERY_SCHEDULED: self.env._("A day of delivery has been arranged"),
            Code.OUT_FOR_DELIVERY: self.env._("Out for delivery"),
            Code.ATTEMPT_FAILED: self.env._("The carrier could not deliver it"),
            Code.AVAILABLE_FOR_PICKUP: self.env._("Ready for you to collect"),
            Code.PARTIALLY_DELIVERED: self.env._("Some of the parcels were delivered"),
            Code.DELIVERED: self.env._("Delivered"),
            Code.DELAYED: self.env._("Delayed"),
            Code.ON_HOLD: self.env._("Waiting at the carrier"),
            Code.RETURNING: self.env._("On its way back to the sender"),
            Code.RETURNED: self.env._("Back at the sender"),
            Code.CANCELLED: self.env._("Cancelled"),
        }

    def _customer_entries(self):
        """Return the customer's timeline in plain words, the latest first."""
        words = self._customer_words()
        numbers = self._customer_numbers()
        return [
            {
                **entry,
                "words": words.get(Code(entry["code"]), entry["label"]),
                "packages": [numbers.get(key, key) for key in entry["packages"]],
            }
            for entry in self._customer_timeline()
        ]

    def _customer_steps(self, entries):
        """Return the four steps of a journey and how far it has come.

        :param list[dict] entries: the customer's timeline, the latest first
        :return: ``{"label", "state"}`` dicts, the state done, now or ahead; empty when the
            shipment has left the way to its customer
        """
        self.ensure_one()
        if self.headline in OFF_THE_WAY:
            return []
        reached = self._customer_step(entries)
        labels = (
            self.env._("Label created"),
            self.env._("On the way"),
            self.env._("Out for delivery"),
            self.env._("Delivered"),
        )
        last = len(labels)
        return [
            {
                "label": label,
                "state": "done"
                if step < reached or reached == last
                else "now"
                if step == reached
                else "ahead",
            }
            for step, label in enumerate(labels, start=1)
        ]

    def _customer_step(self, entries):
        """Return the step that is reached, 0 when nothing is known."""
        row = vocabulary.milestone(self.headline)
        if row.audience == "customer":
            return _step(row)
        # What is not told to customers leaves them where the last thing they were told put
        # them, but never at their door.
        told = [vocabulary.milestone(entry["code"]) for entry in entries]
        known = [_step(row) for row in told if row.kind == "state"]
        return min(known[0], 3) if known else 0

    def _customer_parcels(self):
        """Return the parcels as they are now: a replaced number is history."""
        return self.package_ids.filtered(lambda package: not package.superseded_by_id)

    def _is_overdue(self):
        """Whether the moment is over that a customer is told as the expected one."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.estimated_to:
            return self.estimated_to < now
        if self.estimated_date:
            return self.estimated_date < now.date()
        promise = self._promise()
        return bool(promise and promise.date() < now.date())

    def _customer_numbers(self):
        """Return the parcels' numbers as they are printed, by what compares them."""
        return {
            _parcel_key(package): package.tracking_number
            or package.name
            or _parcel_key(package)
            for package in self.package_ids
        }

    def _customer_contact(self):
        """Return whom to ask: who sold it, else the company."""
        self.ensure_one()
        seller = self.order_ids.user_id.filtered("active")[:1].partner_id
        if seller.email or seller.phone:
            return seller
        return self.company_id.partner_id

    def _local_zone(self):
        """Return the name of the zone in which the goods were sent."""
        self.ensure_one()
        return (
            self.warehouse_id.partner_id.tz
            or self.company_id.partner_id.tz
            or self.env.user.tz
            or "UTC"
        )

    def _say_moment(self, moment, form="moment", zone="UTC", year=False):
        """Return a time of the database as people say it, in the language in use.

        :param datetime moment: in UTC without a zone, as Odoo stores it
        :param str form: ``day``, ``time`` or ``moment`` for both
        :param str zone: in which it is told
        :param bool year: say the year of this year, too
        """
        local = pytz.utc.localize(moment).astimezone(pytz.timezone(zone))
        day = self._say_day(local.date(), year)
        if form == "day":
            return day
        locale = babel_locale_parse(self.env.lang)
        time = format_time(local, "short", tzinfo=local.tzinfo, locale=locale)
        return time if form == "time" else f"{day}, {time}"

    def _say_day(self, day, year=False):
        """Return a date as people say it; this year is said on request alone."""
        year = year or day.year != fields.Date.today().year
        locale = babel_locale_parse(self.env.lang)
        noon = dt.datetime.combine(day, dt.time(12))
        skeleton = "yMMMEd" if year else "MMMEd"
        return format_skeleton(skeleton, noon, locale=locale)


def _step(row):
    """Return the step of the customer's bar that a milestone belongs to."""
    rank = row.rank or 0
    if row.code == Code.DELIVERED:
        return 4
    if rank >= vocabulary.milestone(Code.OUT_FOR_DELIVERY).rank:
        return 3
    if rank >= vocabulary.milestone(Code.PICKED_UP).rank:
        return 2
    return 1 if rank else 0
