from markupsafe import Markup

from odoo import fields, models
from odoo.tools import format_datetime

from ..canonical import milestone as vocabulary


class ShipmentEffect(models.Model):
    """What a rule may do to tell the company's own people."""

    _inherit = "shipment.effect"

    def _label(self):
        """Return the translated name of the milestone."""
        return self.shipment_id._label(vocabulary.Code(self.code))

    def _effect_post_note(self):
        """Note the milestone on the deliveries and their orders."""
        # The warehouse's clock: the note is read by those who stand there.
        zone = self.shipment_id.warehouse_id.partner_id.tz or "UTC"
        moment = format_datetime(
            self.env, self.occurred_at, tz=zone, dt_format="medium"
        )
        body = Markup("%s %s <span class='text-muted'>%s (%s)</span>") % (
            self.shipment_id._get_html_link(),
            self._label(),
            moment,
            zone,
        )
        for records in (
            self.shipment_id.picking_ids,
            self.shipment_id.picking_ids.sale_id,
        ):
            records._message_log_batch(bodies=dict.fromkeys(records.ids, body))
        return "done", self._label()

    def _effect_schedule_activity(self):
        """Ask whoever has the rule's role to look at it."""
        shipment = self.shipment_id
        if self._is_history():
            return "overtaken", self._history()
        self._wait_for_all_news()
        record = shipment.picking_ids.sale_id[:1] or shipment
        user = self.rule_id._find_user(shipment)
        record.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=f"{shipment.name}: {self._label()}",
            note=self.rule_id.activity_note,
            user_id=user.id or self.env.uid,
        )
        return "done", f"{record.display_name}: {user.name or self.env.user.name}"

    def _effect_open_exception(self):
        """Open an exception of the rule's type."""
        if self._is_history():
            return "overtaken", self._history()
        self._wait_for_all_news()
        exception = self.env["shipment.exception"]._open(
            self.shipment_id,
            self.rule_id.exception_type_id,
            key=f"!rule:{self.rule_id.id}/{self.code}/{self.occurrence}",
            reason=self.rule_id.name,
        )
        return "done", exception.name

    def _is_history(self):
        """Whether the journey has come to an end since: nobody needs to act on it now."""
        headline = vocabulary.milestone(self.shipment_id.headline)
        return headline.terminal and headline.code != self.code

    def _history(self):
        return self.env._(
            "The shipment is %(status)s by now.",
            status=self.shipment_id._label(
                vocabulary.Code(self.shipment_id.headline)
            ).lower(),
        )


class ShipmentRule(models.Model):
    _inherit = "shipment.rule"

    activity_note = fields.Html(
        string="What to Do", translate=True, sanitize_overridable=True
    )
    exception_type_id = fields.Many2one("shipment.exception.type")
