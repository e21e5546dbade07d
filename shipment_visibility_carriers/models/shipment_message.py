from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models

from odoo.addons.shipment_visibility.transaction import own_transaction

GC_BATCH_SIZE = 1000


class ShipmentMessage(models.Model):
    """One conversation with a carrier, masked.

    Written in a transaction of its own, so that what was said is known even when the user's
    transaction is rolled back. It names other records by plain ids only.
    """

    _name = "shipment.message"
    _description = "Carrier Message"
    _order = "id desc"
    _rec_name = "operation"

    account_id = fields.Integer(string="Account ID", readonly=True, index=True)
    account_name = fields.Char(string="Account", readonly=True)
    company_id = fields.Integer(string="Company ID", readonly=True)
    operation = fields.Char(readonly=True)
    correlation_id = fields.Char(readonly=True, index=True)
    method = fields.Char(readonly=True)
    url = fields.Char(string="Address", readonly=True)
    request = fields.Text(readonly=True)
    response = fields.Text(readonly=True)
    outcome = fields.Char(readonly=True, help="What came of it.")
    status = fields.Integer(readonly=True, help="The HTTP status; 0 without an answer.")
    duration_ms = fields.Integer(string="Duration (ms)", readonly=True)

    @api.model
    def _journal(self, account):
        """A function that keeps an exchange of this account."""
        snapshot = self._snapshot(account)

        def write(exchange):
            self._write_all([(snapshot, exchange)])

        return write

    @api.model
    def _snapshot(self, account):
        """What is told of the account, also when it is gone."""
        return {
            "account_id": account.id,
            "account_name": account.name,
            "company_id": account.company_id.id,
        }

    @api.model
    def _write_all(self, notes):
        """Keep exchanges, and commit.

        :param notes: pairs of an account's snapshot and an exchange.
        """
        if not notes:
            return
        with own_transaction(self.env) as env:
            env[self._name].with_user(SUPERUSER_ID).create(
                [
                    {
                        **snapshot,
                        "operation": exchange.operation,
                        "correlation_id": exchange.correlation_id,
                        "method": exchange.method,
                        "url": exchange.url,
                        "request": exchange.request,
                        "response": exchange.response,
                        "outcome": exchange.outcome,
                        "status": exchange.status,
                        "duration_ms": exchange.milliseconds,
                    }
                    for snapshot, exchange in notes
                ]
            )

    @api.autovacuum
    def _gc_old(self):
        """Delete conversations older than the retention, in batches."""
        days = int(
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("shipment_visibility_carriers.message_days", 90)
        )
        expired = self.search(
            [("create_date", "<", fields.Datetime.now() - timedelta(days=days))],
            limit=GC_BATCH_SIZE,
            order="id",
        )
        expired.unlink()
        return len(expired), len(expired) == GC_BATCH_SIZE
