from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    shipment_quiet_from = fields.Float(
        string="Quiet from",
        help="Between these hours of the customer's day no shipment mail is sent; it waits "
        "until they end. The same hour twice: there are no quiet hours.",
    )
    shipment_quiet_to = fields.Float(string="Quiet until")

    @api.constrains("shipment_quiet_from", "shipment_quiet_to")
    def _check_shipment_quiet_hours(self):
        for company in self:
            hours = (company.shipment_quiet_from, company.shipment_quiet_to)
            if not all(0 <= hour < 24 for hour in hours):
                raise ValidationError(
                    self.env._("Quiet hours lie between 00:00 and 23:59.")
                )

    def _shipment_quiet_until(self, zone, now):
        """Return when the quiet hours that reign at a place end, or None.

        :param str zone: the name of the place's time zone
        :param datetime.datetime now: naive UTC
        :return: naive UTC
        """
        self.ensure_one()
        begin = _minutes(self.shipment_quiet_from)
        end = _minutes(self.shipment_quiet_to)
        local = now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        overnight = begin > end
        quiet = minute >= begin or minute < end if overnight else begin <= minute < end
        if not quiet:
            return None
        day = local.date() + timedelta(days=overnight and minute >= begin)
        # The hour of the clock at the place, whatever the clock does in between.
        until = datetime.combine(day, time(*divmod(end, 60)), local.tzinfo)
        return until.astimezone(UTC).replace(tzinfo=None)


def _minutes(hours):
    return round(hours * 60)
