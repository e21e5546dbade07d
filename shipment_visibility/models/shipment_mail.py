from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import fields, models
from odoo.tools import format_date, format_time

from ..canonical.schema import Precision, Zone

# Where there is nothing to expect at the door.
NOT_COMING = ("available_for_pickup", "returning")
# After which a time that was told before is no longer worth much.
SETBACKS = ("delayed", "attempt_failed", "customs_held", "on_hold")


class ShipmentShipment(models.Model):
    """What a mail to the customer says of a shipment, in the customer's terms.

    The methods are what mail templates may call: they answer in the language of the
    environment and in the customer's time zone.
    """

    _inherit = "shipment.shipment"

    def _notification_partner(self):
        """Return who gets mails about the shipment: the consignee, or its company."""
        self.ensure_one()
        partner = self.partner_id
        return (partner | partner.commercial_partner_id).filtered("email")[:1]

    def _notification_zone(self):
        """Return the name of the time zone in which the customer lives."""
        self.ensure_one()
        return (
            self.partner_id.tz
            or self.company_id.partner_id.tz
            or self.warehouse_id.partner_id.tz
            or "UTC"
        )

    def _notification_reference(self):
        """Return what the customer knows the shipment by."""
        self.ensure_one()
        names = ", ".join(self.order_ids.mapped("name"))
        if not names:
            return self.env._("Shipment %(name)s", name=self.name)
        if len(self.order_ids) == 1:
            return self.env._("Order %(name)s", name=names)
        return self.env._("Orders %(names)s", names=names)

    def _notification_milestone(self, *codes):
        """Return the latest observation of a milestone, or of several."""
        self.ensure_one()
        return self.milestone_ids.filtered(lambda m: m.code in codes).sorted(
            lambda m: (m.occurred_at, m.id)
        )[-1:]

    def _notification_moment(self, code):
        """Return when the shipment was there, as exactly as the carrier said it."""
        row = self._notification_milestone(code)
        if not row:
            return ""
        if row.precision == Precision.DAY or row.zone == Zone.LOCAL:
            # The day as it was told; there is no hour to move to another zone.
            return format_date(self.env, row.occurred_at.date(), date_format="full")
        return self.env._(
            "%(day)s at %(time)s",
            day=self._notification_day(row.occurred_at),
            time=self._notification_time(row.occurred_at),
        )

    def _notification_place(self, code):
        """Return where the shipment was then, for somebody who lives nearby."""
        row = self._notification_milestone(code)
        city = " ".join(filter(None, (row.postal_code, row.city)))
        return ", ".join(filter(None, (row.facility, city)))

    def _notification_expected(self):
        """Return when it is expected; nothing when nobody knows, or that has passed."""
        self.ensure_one()
        now = fields.Datetime.now()
        begin, end = self.estimated_from, self.estimated_to
        if self._is_final() or self.headline in NOT_COMING or self._had_setback():
            return ""
        if not end and self.estimated_date:
            today = self._notification_local(now).date()
            if self.estimated_date < today:
                return ""
            return format_date(self.env, self.estimated_date, date_format="full")
        if not end:
            begin, end = None, self.promised_at
        if not end or end < now:
            return ""
        day = self._notification_day(end)
        if not begin or self._notification_day(begin) != day:
            return day
        return self.env._(
            "%(day)s, %(begin)s – %(end)s",
            day=day,
            begin=self._notification_time(begin),
            end=self._notification_time(end),
        )

    def _had_setback(self):
        """Whether something came in between, and the carrier told no new time since."""
        setback = self._notification_milestone(*SETBACKS)
        return bool(setback) and not self.milestone_ids.filtered(
            lambda m: (
                m.occurred_at >= setback.occurred_at
                and (m.estimated_to or m.estimated_date)
            )
        )

    def _notification_local(self, moment):
        """Return a naive UTC time as the clock shows it at the customer's."""
        zone = ZoneInfo(self._notification_zone())
        return moment.replace(tzinfo=UTC).astimezone(zone)

    def _notification_day(self, moment):
        local = self._notification_local(moment)
        return format_date(self.env, local.date(), date_format="full")

    def _notification_time(self, moment):
        local = self._notification_local(moment)
        told = format_time(self.env, local.time(), time_format="short")
        # Not every mail program knows the narrow space before AM and PM.
        return told.replace("\u202f", "\u00a0")

    def _notification_url(self):
        """Return the address of the shipment's page, open to whoever holds it."""
        self.ensure_one()
        return f"{self.get_base_url()}{self.get_portal_url()}"
