from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..canonical import milestone as vocabulary
from .shipment_effect import Postponed

# Between two mails about one shipment.
PAUSE = timedelta(minutes=15)
# What the mail that Odoo sends when a delivery is validated has said already.
SAID_BY_ODOO = ("info_received", "picked_up")


class ShipmentEffect(models.Model):
    """The mails that rules send to customers: the right one, once, at a decent hour."""

    _inherit = "shipment.effect"

    def _effect_notify_customer(self):
        """Send the customer the mail about the milestone."""
        others = self._other_notifications()
        if why := self._why_overtaken(others):
            return "overtaken", why
        if why := self._why_not_notify(others):
            return "skipped", why
        self._wait_for_the_moment(others)
        partner = self._send_notification()
        return "done", self.env._("Sent to %(email)s", email=partner.email)

    def _other_notifications(self):
        """Return the other mails about the shipment that were sent, or are to be."""
        return self.search(
            [
                ("shipment_id", "=", self.shipment_id.id),
                ("rule_id.effect", "=", "notify_customer"),
                ("state", "in", ("waiting", "done")),
                ("id", "!=", self.id),
            ]
        )

    def _notification_order(self):
        """Return the key by which mails about one shipment are older or newer."""
        number = vocabulary.milestone(self.code).number
        return self.occurred_at, number, self.occurrence

    def _why_overtaken(self, others):
        """Return why the mail is no longer news, or None."""
        if self._is_history():
            return self._history()
        newest = max(others, key=lambda e: e._notification_order(), default=self)
        if newest._notification_order() > self._notification_order():
            return self.env._(
                "There is newer news: %(milestone)s.", milestone=newest._label().lower()
            )
        return None

    def _why_not_notify(self, others):
        """Return why the customer is not written to, or None."""
        shipment = self.shipment_id
        told = others.filtered(
            lambda e: (
                e.state == "done"
                and (e.code, e.occurrence) == (self.code, self.occurrence)
            )
        )
        if told:
            return self.env._(
                "“%(rule)s” has told the customer already.", rule=told[0].rule_id.name
            )
        if shipment.direction != "outbound" and not self.rule_id.mail_template_id:
            return self.env._(
                "The ready mails are about parcels to a customer. For others, choose a "
                "mail template in the rule."
            )
        if (
            self.code in SAID_BY_ODOO
            and shipment.picking_ids
            and shipment.company_id.stock_move_email_validation
        ):
            return self.env._(
                "Odoo's own mail at the delivery's validation says so already (Inventory "
                "settings, Email Confirmation)."
            )
        partner = shipment.partner_id
        if not partner:
            return self.env._("The shipment has no consignee.")
        if not partner._wants_shipment_mails():
            return self.env._("The customer does not want shipment mails.")
        if not shipment._notification_partner():
            return self.env._("The customer has no mail address.")
        return None

    def _wait_for_the_moment(self, others):
        """Postpone the mail when the customer had one just now, or should have peace.

        And when it would be the first of several that are about to be learned of.
        """
        self._wait_for_all_news()
        shipment = self.shipment_id
        now = fields.Datetime.now()
        last = max(others.filtered("done_at").mapped("done_at"), default=None)
        if last and last + PAUSE > now:
            raise Postponed(
                last + PAUSE,
                self.env._("The customer was written to a few minutes ago."),
            )
        zone = shipment._notification_zone()
        if until := shipment.company_id._shipment_quiet_until(zone, now):
            raise Postponed(
                until,
                self.env._("Quiet hours at the customer's (%(zone)s).", zone=zone),
            )

    def _send_notification(self):
        """Post the mail on the shipment, for the customer alone; return who gets it."""
        shipment = self.shipment_id
        if not shipment.company_id.email_formatted:
            raise UserError(
                self.env._(
                    "%(company)s has no mail address to send from: enter one in the "
                    "company's settings, then try again.",
                    company=shipment.company_id.name,
                )
            )
        partner = shipment._notification_partner()
        shipment.message_post_with_source(
            self.rule_id._notification_template(),
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=[Command.set(partner.ids)],
            notify_skip_followers=True,
        )
        return partner
