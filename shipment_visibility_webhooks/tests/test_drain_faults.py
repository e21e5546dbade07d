import json
import logging
from contextlib import suppress
from unittest.mock import patch

from psycopg2 import OperationalError
from psycopg2.errors import LockNotAvailable

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.exception import RetryableJobError

from ..models import shipment_webhook_processing as processing_module
from ..models.shipment_webhook_receipt import PAUSES
from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestDrainFaults(WebhookCommon, TransactionCase):
    """What becomes of a message that cannot be processed."""

    def test_poisoned_message_holds_back_nobody(self):
        poison = self.store(self.message("delivered", number="POISON0001"))
        others = self.receipts()
        for code in ("picked_up", "departed", "out_for_delivery", "delivered"):
            others |= self.store(self.message(code))
        others -= poison
        with self.poisoned("POISON0001"), self.quiet():
            self.drain()
        self.assertEqual(set(others.mapped("state")), {"done"})
        self.assertEqual(self.shipment.headline, "delivered")
        self.assertEqual((poison.state, poison.attempts), ("received", 1))
        self.assertGreater(poison.due_at, fields.Datetime.now())
        self.assertEqual(poison.reason, "ValueError: cannot take POISON0001")
        self.assertFalse(self.milestones_of("POISON0001"))

    def fail_until_dead(self, receipt, failure):
        """Drain what fails each time, and return after how many attempts it was dead."""
        for attempt in range(1, len(PAUSES[failure]) + 2):
            self.assertEqual(receipt.state, "received")
            with self.quiet():
                self.drain()
            self.assertEqual((receipt.failure, receipt.attempts), (failure, attempt))
            receipt.due_at = fields.Datetime.now()
        return receipt.attempts

    def test_message_that_our_own_code_cannot_take_is_soon_a_dead_letter(self):
        poison = self.store(self.message("delivered", number="POISON0001"))
        with self.poisoned("POISON0001"):
            self.assertEqual(self.fail_until_dead(poison, "rule"), 2)
        self.assertEqual((poison.state, poison.failure), ("dead", "rule"))

    def test_passing_fault_is_waited_for_longer_and_longer(self):
        receipt = self.store(self.message("delivered"))
        shipments = type(self.env["shipment.shipment"])
        pauses = []
        with patch.object(shipments, "_ingest", side_effect=LockNotAvailable("busy")):
            while receipt.state == "received":
                before = fields.Datetime.now()
                with self.quiet():
                    self.drain()
                self.assertEqual(receipt.failure, "transient")
                pauses.append((receipt.due_at - before).total_seconds())
                receipt.due_at = before
        self.assertEqual(receipt.state, "dead")
        self.assertEqual(len(pauses), len(PAUSES["transient"]) + 1)
        waited = pauses[:-1]
        self.assertEqual(waited, sorted(waited))
        self.assertGreater(sum(waited), 2 * 3600, "hours, for what heals by waiting")
        self.assertEqual(receipt.reason, "LockNotAvailable: busy")

    def test_passing_fault_that_passes_leaves_no_trace(self):
        receipt = self.store(self.message("delivered"))
        shipments = type(self.env["shipment.shipment"])
        with (
            patch.object(shipments, "_ingest", side_effect=LockNotAvailable("busy")),
            self.quiet(),
        ):
            self.drain()
        receipt.due_at = fields.Datetime.now()
        self.drain()
        self.assertEqual((receipt.state, receipt.failure), ("done", False))
        self.assertFalse(receipt.reason)
        self.assertEqual(self.shipment.headline, "delivered")

    def test_database_in_trouble_is_no_failed_job(self):
        self.store(self.message("delivered"))
        drain = self.env["shipment.webhook.drain"]
        with (
            patch.object(
                type(drain), "_drain_batch", side_effect=OperationalError("gone")
            ),
            self.assertRaises(RetryableJobError),
        ):
            drain._job_drain()

    def test_search_for_the_guilty_ends_in_time_and_goes_on_with_the_next_batch(self):
        poison = self.store(self.message("delivered", number="POISON0001"))
        other = self.store(self.message("picked_up"))
        drain = self.env["shipment.webhook.drain"]
        with self.poisoned("POISON0001"), self.quiet():
            with patch.object(processing_module, "ISOLATION_SECONDS", -1):
                self.env.flush_all()
                self.assertEqual(drain._drain_batch(), 2)
            self.env.invalidate_all()
            self.assertEqual((poison | other).mapped("state"), ["received"] * 2)
            self.assertEqual((poison | other).mapped("attempts"), [0, 0])
            self.drain()
        self.assertEqual((poison.attempts, other.state), (1, "done"))

    def test_search_for_the_guilty_does_not_wait_long_for_locks(self):
        self.store(self.message("delivered", number="POISON0001"))
        self.store(self.message("picked_up"))
        timeouts = []
        shipments = type(self.env["shipment.shipment"])

        def _ingest(model, events, **kwargs):
            model.env.cr.execute("SHOW lock_timeout")
            timeouts.append(model.env.cr.fetchone()[0])
            raise LockNotAvailable("busy")

        with patch.object(shipments, "_ingest", _ingest), self.quiet():
            self.drain()
        self.assertEqual(timeouts[1:], ["200ms", "200ms"])
        self.env.cr.execute("SHOW lock_timeout")
        self.assertEqual(self.env.cr.fetchone()[0], timeouts[0])

    def test_message_that_brings_the_process_down_holds_back_nobody(self):
        killer = self.store(self.message("delivered", number="KILLER0001"))
        other = self.store(self.message("picked_up"))
        drain = self.env["shipment.webhook.drain"]
        original = type(drain)._process

        def _process(model, account, receipts):
            if killer.id in receipts.ids:
                raise SystemExit
            return original(model, account, receipts)

        drain._wake()
        job = self.drain_jobs()
        drain = drain.with_context(job_uuid=job.uuid)
        with patch.object(type(drain), "_process", _process):
            for turn in range(2):
                # As the queue does with a job whose process is gone.
                job.retry = turn
                self.env.flush_all()
                with suppress(SystemExit):
                    drain._job_drain()
                self.env.invalidate_all()
            self.assertEqual((killer.state, killer.attempts), ("received", 1))
            self.assertGreater(killer.due_at, fields.Datetime.now())
            drain._job_drain()
        self.env.invalidate_all()
        self.assertEqual((other.state, other.reason), ("done", False))
        self.assertEqual(self.shipment.headline, "picked_up")
        self.assertIn("process ended", killer.reason)

    # === MAPPING === #

    def unknown(self, code="XYZ"):
        """A message whose only event has a code that nobody knows."""
        event = json.loads(self.message("delivered"))["events"][0]
        event |= {"code": code, "event_id": code}
        return self.message("delivered", id=code, events=[event])

    def test_message_of_which_nothing_is_mapped_is_recorded_and_found(self):
        receipt = self.store(self.unknown())
        known = self.store(self.message("picked_up"))
        self.drain()
        self.assertEqual((receipt.state, receipt.failure), ("done", "unmapped"))
        self.assertIn("XYZ", receipt.reason)
        self.assertFalse(known.failure)
        milestone = self.milestones_of(self.number).filtered(
            lambda milestone: milestone.raw_code == "XYZ"
        )
        self.assertEqual(milestone.code, "unknown")
        gap = self.env["shipment.mapping.gap"].search([("raw_code", "=", "XYZ")])
        self.assertEqual(gap.count, 1)

    def test_code_that_an_administrator_mapped_is_no_gap(self):
        self.env["shipment.mapping"].create(
            {
                "carrier_id": self.account.carrier_id.id,
                "raw_code": "XYZ",
                "code": "delivered",
            }
        )
        receipt = self.store(self.unknown())
        self.drain()
        self.assertEqual((receipt.state, receipt.failure), ("done", False))
        self.assertEqual(self.shipment.headline, "delivered")

    def test_message_about_a_carrier_of_others_is_a_dead_letter_that_says_so(self):
        receipt = self.store(self.message("delivered"))
        account = type(self.account)
        nobody = self.env["shipment.carrier"].create({"code": "x", "name": "X"})
        with patch.object(account, "_get_reported_carriers", return_value=nobody):
            self.drain()
        self.assertEqual((receipt.state, receipt.failure), ("dead", "unmapped"))
        self.assertIn("sandbox", receipt.reason)
        self.assertFalse(self.milestones_of(self.number))
        receipt.action_replay()
        self.drain()
        self.assertEqual(receipt.state, "done")
        self.assertEqual(self.shipment.headline, "delivered")

    def test_parser_that_stumbles_is_a_dead_letter_without_content_in_the_log(self):
        receipt = self.store(self.message("delivered"))
        adapter = self.account._adapter_class()
        with (
            patch.object(adapter, "parse_webhook", side_effect=KeyError(self.number)),
            self.assertLogs(processing_module._logger, logging.WARNING) as logs,
        ):
            self.drain()
        self.assertEqual((receipt.state, receipt.failure), ("dead", "malformed"))
        self.assertEqual(receipt.reason, "KeyError")
        self.assertNotIn(self.number, "\n".join(logs.output))

    def test_account_that_cannot_be_used_is_tried_again(self):
        receipt = self.store(self.message("delivered"))
        account = type(self.account)
        with (
            patch.object(account, "_adapter", side_effect=ValueError("no credentials")),
            self.quiet(),
        ):
            self.drain()
        self.assertEqual((receipt.state, receipt.failure), ("received", "account"))
        self.assertEqual(receipt.attempts, 1)
