import base64
import logging
import time
import traceback
from contextlib import contextmanager
from itertools import islice

import psycopg2

from odoo import models
from odoo.exceptions import LockError

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Source
from odoo.addons.shipment_visibility.models.shipment_ingest import Outcome
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    CarrierError,
    MalformedMessage,
)

_logger = logging.getLogger(__name__)

# What is held in memory at a time: bodies, and the events that were read from them.
READ_BYTES = 4 * 1024 * 1024
READ_EVENTS = 2000
# Who searches for the guilty holds locks: not for long, and without long waits.
ISOLATION_SECONDS = 20
ISOLATION_LOCK_TIMEOUT = "200ms"
# Trouble of the database or the machine, which waiting heals. Missing columns are those of
# an upgrade that is under way.
PASSING = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.errors.UndefinedColumn,
    psycopg2.errors.UndefinedTable,
    LockError,
    MemoryError,
    OSError,
)
NAMED_CODES = 5


class ShipmentWebhookDrain(models.AbstractModel):
    """What a batch of receipts becomes: events, recorded at once, or a reason why not."""

    _inherit = "shipment.webhook.drain"

    def _process(self, account, receipts):
        """Read receipts of one account and hand all their events on at once."""
        try:
            adapter = account._adapter()
        except Exception as error:  # noqa: BLE001 an account can be broken in many ways
            self._log_failure(receipts, error)
            is_passing = isinstance(error, PASSING)
            receipts._postpone("transient" if is_passing else "account", error)
            return
        for messages in self._read(adapter, receipts):
            self._ingest_isolated(account, messages)

    # === READING === #

    def _read(self, adapter, receipts):
        """Yield the receipts that can be read, each with its events.

        Usually all at once; fewer at a time when they are full of events.
        """
        messages, count = [], 0
        for portion in receipts._by_size(READ_BYTES):
            for receipt in portion:
                events = self._read_one(adapter, receipt)
                if events is None:
                    continue
                messages.append((receipt, events))
                count += len(events)
                if count >= READ_EVENTS:
                    yield messages
                    messages, count = [], 0
            portion.invalidate_recordset(["body"])
        if messages:
            yield messages

    def _read_one(self, adapter, receipt):
        """Return the events of a receipt, or ``None`` after making it a dead letter."""
        if receipt.is_trial:
            return []
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

    # === RECORDING === #

    def _ingest_isolated(self, account, messages):
        """Ingest all messages at once; if that fails, halve until the guilty is alone.

        What is not reached in time stays due, and is taken with the next batch.
        """
        if error := self._ingest_or_error(account, messages):
            with self._short_waits():
                self._isolate(account, messages, error)

    def _isolate(self, account, messages, error):
        deadline = time.monotonic() + ISOLATION_SECONDS
        failed = [(messages, error)]
        while failed:
            part, error = failed.pop()
            if len(part) == 1:
                self._fail(part[0][0], error)
                continue
            middle = len(part) // 2
            # The last half first, for what is put down last is taken up first.
            for half in (part[middle:], part[:middle]):
                if time.monotonic() > deadline:
                    return
                if half_error := self._ingest_or_error(account, half):
                    failed.append((half, half_error))

    def _ingest_or_error(self, account, messages):
        """Record messages together and tick them off, or undo it and return the error."""
        try:
            with self.env.cr.savepoint():
                outcomes = self._ingest(account, messages)
                self._settle(account, messages, outcomes)
        except Exception as error:  # noqa: BLE001 whatever it is, the others must go on
            if self.env.cr.connection.closed:
                raise
            return error
        return None

    def _ingest(self, account, messages):
        """Events of an account reach shipments of its company and its carriers only.

        :return: what became of each event, in the order of the messages
        """
        result = self.env["shipment.shipment"]._ingest(
            [event for _receipt, events in messages for event in events],
            source=Source.WEBHOOK,
            company=account.company_id,
            carriers=account._get_reported_carriers(),
            origin=[
                f"receipt:{receipt.id}" for receipt, events in messages for _ in events
            ],
        )
        return result.outcomes

    @contextmanager
    def _short_waits(self):
        """Wait for locks only briefly: each try of a search would wait anew."""
        self.env.cr.execute("SELECT current_setting('lock_timeout')")
        usual = self.env.cr.fetchone()[0]
        statement = "SELECT set_config('lock_timeout', %s, true)"
        self.env.cr.execute(statement, [ISOLATION_LOCK_TIMEOUT])
        yield
        self.env.cr.execute(statement, [usual])

    # === WHAT BECAME OF IT === #

    def _settle(self, account, messages, outcomes):
        """Tick off what is recorded, and say of what is not why."""
        unmapped = self._find_unmapped(messages)
        outcomes = iter(outcomes)
        done = self.env["shipment.webhook.receipt"]
        for receipt, events in messages:
            own = set(islice(outcomes, len(events)))
            if own == {Outcome.REFUSED}:
                receipt._bury("unmapped", self._say_refused(account, events))
            elif receipt.id in unmapped:
                receipt._finish("unmapped", self._say_unmapped(events))
            else:
                done |= receipt
        done._finish()

    def _find_unmapped(self, messages):
        """Return the ids of receipts of whose events not a single one means anything.

        They are recorded all the same, and get their meaning as soon as somebody maps them.
        """
        silent = {
            receipt.id: {(event.carrier, event.raw_code) for event in events}
            for receipt, events in messages
            if events and all(event.code == Code.UNKNOWN for event in events)
        }
        if not silent:
            return set()
        codes = sorted({code for told in silent.values() for _carrier, code in told})
        mapped = {
            (mapping.carrier_id.code, mapping.raw_code)
            for mapping in self.env["shipment.mapping"].search(
                [("raw_code", "in", codes), ("code", "!=", Code.UNKNOWN.value)]
            )
        }
        return {receipt for receipt, told in silent.items() if not told & mapped}

    def _say_unmapped(self, events):
        codes = sorted({event.raw_code or event.raw_status for event in events} - {""})
        return self.env._(
            "Nobody knows what it means: %(codes)s",
            codes=", ".join(codes[:NAMED_CODES]) or self.env._("no code"),
        )

    def _say_refused(self, account, events):
        carriers = sorted({event.carrier for event in events})
        return self.env._(
            "The account %(account)s does not report for: %(carriers)s",
            account=account.name,
            carriers=", ".join(carriers[:NAMED_CODES]),
        )

    def _fail(self, receipt, error):
        """A message that failed all alone: wait, if waiting may heal it."""
        self._log_failure(receipt, error)
        receipt._postpone("transient" if isinstance(error, PASSING) else "rule", error)

    def _log_failure(self, receipts, error):
        # The frames, not the text of the error: that may quote the message.
        _logger.warning(
            "webhook receipts %s failed with %s:\n%s",
            receipts.ids,
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )
