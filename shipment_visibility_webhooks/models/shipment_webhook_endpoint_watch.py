from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.shipment_visibility.canonical import milestone as vocabulary

ACTIVITY = "shipment_visibility_webhooks.mail_activity_type_silence"
# Of a parcel that is older, nobody expects a word any more.
UNDER_WAY_DAYS = 30


class ShipmentWebhookEndpoint(models.Model):
    """Notices when a carrier that should have reported has not."""

    _inherit = "shipment.webhook.endpoint"

    expected_within_hours = fields.Integer(
        string="Expected within (Hours)",
        tracking=True,
        help="When nothing arrives for so long although shipments of this carrier are under "
        "way, the responsible gets an activity. 0 is never.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Who is told when the carrier falls silent.",
    )
    silence_told_at = fields.Datetime(copy=False, readonly=True)

    _expected_range = models.Constraint(
        "CHECK (expected_within_hours BETWEEN 0 AND 720)",
        "A carrier can be expected to report within 1 to 720 hours; 0 is never.",
    )

    @api.model
    def _cron_watch_silence(self):
        """Tell of endpoints that fell silent, once, and take it back when they speak."""
        watched = self.search([("expected_within_hours", ">", 0)])
        told = self.search([("silence_told_at", "!=", False)])
        heard = (watched | told)._get_last_received()
        broken = told.filtered(
            lambda e: (
                not e.expected_within_hours
                or (e in heard and heard[e] > e.silence_told_at)
            )
        )
        broken._end_silence()
        now = fields.Datetime.now()
        # While nobody was here, nothing could arrive.
        resumed_at = self.env["shipment.shipment"]._get_resumed_at()
        silent = (watched - told).filtered(
            lambda e: (
                max(filter(None, (heard.get(e, e.create_date), resumed_at)))
                < now - timedelta(hours=e.expected_within_hours)
            )
        )
        silent._filter_awaited(now)._tell_silence()

    def _filter_awaited(self, now):
        """Those of whose carriers shipments have been under way all the time."""
        if not self:
            return self
        since = {
            (company, carrier): created
            for company, carrier, created in self.env["shipment.shipment"]._read_group(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("headline", "not in", vocabulary.TERMINAL),
                    ("create_date", ">", now - timedelta(days=UNDER_WAY_DAYS)),
                ],
                ["company_id", "carrier_id"],
                ["create_date:min"],
            )
        }
        return self.filtered(
            lambda e: any(
                (e.company_id, carrier) in since
                and since[e.company_id, carrier]
                < now - timedelta(hours=e.expected_within_hours)
                for carrier in e.account_id._get_reported_carriers()
            )
        )

    def _tell_silence(self):
        self.write({"silence_told_at": fields.Datetime.now()})
        for endpoint in self:
            user = endpoint.user_id or endpoint.create_uid
            endpoint.activity_schedule(
                ACTIVITY,
                user_id=user.id,
                note=self.env._(
                    "Nothing has arrived for %(hours)s hours, although shipments of this "
                    "carrier are under way. Check at the carrier whether the webhook is "
                    "still switched on, and on the endpoint whether messages are refused.",
                    hours=endpoint.expected_within_hours,
                ),
            )

    def _end_silence(self):
        self.activity_unlink([ACTIVITY])
        self.write({"silence_told_at": False})
