from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.shipment_visibility.transaction import own_transaction


class ShipmentPollPause(models.Model):
    """Until when an account is not asked for news.

    Written in transactions of its own; it names its account by a plain id, for the account's
    own row is the user's.
    """

    _name = "shipment.poll.pause"
    _description = "Pause of Questions to a Carrier"
    _log_access = False

    account_id = fields.Integer(required=True, readonly=True)
    until = fields.Datetime(required=True, readonly=True)
    reason = fields.Char(readonly=True)

    _account_uniq = models.UniqueIndex("(account_id)")

    @api.model
    def _begin(self, account_id, seconds, reason):
        until = fields.Datetime.now() + timedelta(seconds=max(seconds, 1))
        with own_transaction(self.env) as env:
            env.cr.execute(
                "INSERT INTO shipment_poll_pause (account_id, until, reason)"
                " VALUES (%s, %s, %s)"
                " ON CONFLICT (account_id) DO UPDATE"
                " SET until = EXCLUDED.until, reason = EXCLUDED.reason",
                [account_id, until, reason],
            )

    @api.model
    def _end(self, account_id):
        with own_transaction(self.env) as env:
            env.cr.execute(
                "DELETE FROM shipment_poll_pause WHERE account_id = %s", [account_id]
            )

    @api.model
    def _get(self, account_ids):
        """account id -> until when it is left alone, and why."""
        self.env.cr.execute(
            "SELECT account_id, until, reason FROM shipment_poll_pause"
            " WHERE account_id = ANY(%s) AND until > %s",
            [list(account_ids), fields.Datetime.now()],
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}
