import base64
import logging
import time
import traceback

from odoo import SUPERUSER_ID, api, models
from odoo.tools import split_every

from odoo.addons.shipment_visibility.canonical.schema import Source
from odoo.addons.shipment_visibility.transaction import own_transaction
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    CarrierError,
    MalformedMessage,
)

_logger = logging.getLogger(__name__)

DRAIN_KEY = "shipment_webhook_drain"
DRAIN_SECONDS = 30
BATCH_SIZE = 200
READ_SIZE = 20


class ShipmentWebhookDrain(models.AbstractModel):
    """Works through stored receipts, in batches, with transactions of its own.

    Any number of drains may run: each claims receipts that no other one holds. Killed at
    any point, it loses nothing, because a batch is recorded and ticked off together.
    """

    _name = "shipment.webhook.drain"
    _description = "Webhook Drain"

    @api.model
    def _wake(self, eta=None):
        """Have the drain run, unless it is already waiting to.

        :param eta: seconds to wait, for what arrives together to be drained together.
        """
        self.with_user(SUPERUSER_ID).with_delay(
            description=self.env._("Process webhook messages"),
            identity_key=DRAIN_KEY,
            max_retries=0,
            eta=eta,
        )._job_drain()

    @api.model
    def _cron_sweep(self):
        """Wake the drain for what has been due for more than a minute.

        A message stored while the last drain was about to end wakes nobody.
        """
        if self.env["shipment.webhook.receipt"].search_count(
            [("state", "=", "received"), ("due_at", "<", "-1M")], limit=1
        ):
            self._wake()

    @api.model
    def _job_drain(self):
        """Work while there is work, or for half a minute and then hand over."""
        deadline = time.monotonic() + DRAIN_SECONDS
        total = 0
        while count := self._drain_batch():
            total += count
            if time.monotonic() > deadline:
                self._wake()
                break
        return f"{total} messages"

    @api.model
    def _drain_batch(self):
        """Claim receipts and leave each of them done, dead or due later.

        :return: how many there were.
        """
        with own_transaction(self.env) as env:
            receipts = env["shipment.webhook.receipt"]._claim(BATCH_SIZE)
            groups = receipts.grouped("account_id")
            # Always in the same order, so that two drains do not wait for each other.
            for account in sorted(groups, key=lambda account: account.id):
                env[self._name]._process(account, groups[account])
        return len(receipts)

    def _process(self, account, receipts):
        """Read receipts of one account and hand all their events on at once."""
        try:
            adapter = account._adapter()
        except Exception as error:  # noqa: BLE001 an account can be broken in many ways
            self._log_failure(receipts, error)
            receipts._postpone("account", error)
            return
        if messages := self._read_all(adapter, receipts):
            self._ingest_isolated(account, messages)

    def _read_all(self, adapter, receipts):
        """Return the receipts that can be read, each with its events."""
        messages = []
        # Bodies may be large: never hold many at a time.
        for chunk in split_every(READ_SIZE, receipts.ids, receipts.browse):
            for receipt in chunk:
                events = self._read_one(adapter, receipt)
                if events is not None:
                    messages.append((receipt, events))
            chunk.invalidate_recordset(["body"])
        return messages

    def _read_one(self, adapter, receipt):
        """Return the events of a receipt, or ``None`` after making it a dead letter."""
        body = base64.b64decode(receipt.body or b"")
        try:
            return adapter.parse_webhook(body, receipt.headers or {})
        except MalformedMessage as error:
            receipt._bury("malformed", str(error))
        except CarrierError as error:
            receipt._bury("account", str(error))
        except Exception as error:  # noqa: BLE001 a parser that stumbles stops nobody else
            self._log_failure(receipt, error)
            receipt._bury("malformed", type(error).__name__)
        return None

    def _ingest_isolated(self, account, messages):
        """Ingest all messages at once; if that fails, halve until the guilty is alone."""
        receipts = self.env["shipment.webhook.receipt"].browse(
            receipt.id for receipt, _events in messages
        )
        try:
            with self.env.cr.savepoint():
                self._ingest(account, messages)
        except Exception as error:  # noqa: BLE001 whatever it is, the others must go on
            if self.env.cr.connection.closed:
                raise
            if len(messages) > 1:
                middle = len(messages) // 2
                self._ingest_isolated(account, messages[:middle])
                self._ingest_isolated(account, messages[middle:])
            else:
                self._log_failure(receipts, error)
                receipts._postpone("processing", error)
        else:
            receipts._finish()

    def _ingest(self, account, messages):
        """Events of an account reach shipments of its company and its carriers only."""
        first, last = messages[0][0].id, messages[-1][0].id
        self.env["shipment.shipment"]._ingest(
            [event for _receipt, events in messages for event in events],
            source=Source.WEBHOOK,
            company=account.company_id,
            carriers=account._get_reported_carriers(),
            origin=f"receipt:{first}" if first == last else f"receipt:{first}-{last}",
        )

    def _log_failure(self, receipts, error):
        # The frames, not the text of the error: that may quote the message.
        _logger.warning(
            "webhook receipts %s failed with %s:\n%s",
            receipts.ids,
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )
