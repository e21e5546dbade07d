from datetime import datetime, timedelta

from odoo import api, fields, models

from .shipment_effect import Postponed

# A cron that comes so much later than planned means that nobody was here.
STANDSTILL = timedelta(hours=1)
# For so long after a standstill, messages and answers come in that tell what happened.
GRACE = timedelta(hours=1)
RESUMED = "shipment_visibility.resumed_at"
# Younger news is acted on at once, whatever else may wait.
OLD_NEWS = timedelta(hours=1)
LOOK_AGAIN = timedelta(minutes=5)


class ShipmentShipment(models.Model):
    """After hours of downtime: first listen to what happened, then judge and tell."""

    _inherit = "shipment.shipment"

    def _filter_unheard(self):
        """Those of which news may lie somewhere that nobody has looked at; for other addons."""
        return self.browse()

    @api.model
    def _get_resumed_at(self):
        """When this database was taken up again after its last standstill, or ``None``.

        To be asked by crons: one that is run long after its time notes a standstill.
        """
        cron = self.env["ir.cron"].browse(self.env.context.get("cron_id", []))
        parameters = self.env["ir.config_parameter"]
        now = fields.Datetime.now()
        if cron and now - cron.nextcall > STANDSTILL:
            parameters.set_param(RESUMED, fields.Datetime.to_string(now))
            return now
        try:
            return datetime.fromisoformat(parameters.get_param(RESUMED) or "")
        except ValueError:
            return None

    @api.model
    def _is_taking_up_again(self):
        """Whether a standstill has only just ended: what was not heard yet is no silence."""
        resumed_at = self._get_resumed_at()
        return bool(resumed_at) and fields.Datetime.now() - resumed_at < GRACE


class ShipmentEffect(models.Model):
    """What people are told of old news waits until all news there is has been heard."""

    _inherit = "shipment.effect"

    def _wait_for_all_news(self):
        """Postpone what is about old news while newer may wait.

        Of a journey that is learned in portions only the newest is told.
        """
        now = fields.Datetime.now()
        if self.occurred_at < now - OLD_NEWS and self.shipment_id._filter_unheard():
            raise Postponed(
                now + LOOK_AGAIN,
                self.env._("There may be newer news that has not been looked at yet."),
            )


class ShipmentException(models.Model):
    _inherit = "shipment.exception"

    def _filter_timely(self):
        """Those that somebody is to be told of now.

        What an old event has opened may be closed by the next that is looked at. What only a
        person or a watch closes is told at once.
        """
        old = fields.Datetime.now() - OLD_NEWS
        told_by_events = self.filtered(
            lambda e: e.state == "open" and e.key[:1] not in "!~" and e.opened_at < old
        )
        unheard = told_by_events.shipment_id._filter_unheard()
        return self - told_by_events.filtered(lambda e: e.shipment_id in unheard)
