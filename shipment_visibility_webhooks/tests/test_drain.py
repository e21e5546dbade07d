import json
import logging
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from psycopg2 import OperationalError
from psycopg2.errors import LockNotAvailable

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.exception import RetryableJobError

from .. import uninstall_hook
from ..models import shipment_webhook_processing as processing_module
from ..models.shipment_webhook_receipt import PAUSES
from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestDrain(WebhookCommon, TransactionCase):
    """What becomes of a stored message."""

    def poisoned(self, number):
        """Make recording fail whenever an event of this number is among the events."""
        shipments = type(self.env["shipment.shipment"])
        original = shipments._ingest
        self.batches = []

        def _ingest(model, events, **kwargs):
            self.batches.append(len(events))
            # Something was written before it failed; nothing of it may stay.
            result = original(model, events, **kwargs)
            if any(event.tracking_number == number for event in events):
                raise ValueError(f"cannot take {number}")
            return result

        return patch.object(shipments, "_ingest", _ingest)

    def test_message_moves_the_shipment(self):
        receipt = self.store(self.message("delivered"))
        self.drain()
        self.assertEqual(receipt.state, "done")
        self.assertTrue(receipt.done_at)
        self.assertFalse(receipt.failure)
        self.assertEqual(self.shipment.headline, "delivered")
        milestone = self.shipment.milestone_ids.filtered(
            lambda milestone: milestone.source == "webhook"
        )
        self.assertEqual(milestone.code, "delivered")

    def test_order_and_repetition_do_not_matter(self):
        for code in ("delivered", "picked_up", "out_for_delivery"):
            self.store(self.message(code))
            self.store(self.message(code, id=f"again-{code}"))
        self.drain()
        self.assertEqual(set(self.receipts().mapped("state")), {"done"})
        self.assertEqual(self.shipment.headline, "delivered")

    def test_unknown_number_is_a_success(self):
        receipt = self.store(self.message("delivered", number="NOBODY0001"))
        self.drain()
        self.assertEqual(receipt.state, "done")

    def test_a_batch_is_ingested_at_once(self):
        for code in ("picked_up", "departed", "delivered"):
            self.store(self.message(code))
        with self.poisoned("no number"):
            self.drain()
        self.assertEqual(self.batches, [3])

    def test_events_reach_shipments_of_the_own_company_only(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.new_shipment("SBX0000000000000002", company=elsewhere)
        headline = other.headline
        receipt = self.store(self.message("delivered", number="SBX0000000000000002"))
        self.drain()
        self.assertEqual(receipt.state, "done")
        self.assertEqual(other.headline, headline)
        self.assertFalse(other.milestone_ids)

    def test_events_reach_shipments_of_the_own_carrier_only(self):
        carrier = self.env["shipment.carrier"].create({"code": "x", "name": "X"})
        self.shipment.carrier_id = carrier
        self.store(self.message("delivered"))
        self.drain()
        self.assertFalse(self.shipment.milestone_ids)

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

    # === HOW MUCH AT A TIME === #

    def set_limit(self, name, value):
        self.env["ir.config_parameter"].set_param(
            f"shipment_visibility_webhooks.drain_{name}", value
        )

    def test_no_more_than_the_rate_is_drained(self):
        self.set_limit("rate", 1)
        for number in range(12):
            self.store(self.message("delivered", number=f"RATE{number}"))
        for _job in range(2):
            self.drain()
            states = self.receipts().mapped("state")
            self.assertEqual(states.count("done"), 10, "ten seconds' worth")
            # Whoever could not go on left a job for later.
            self.assertTrue(self.drain_jobs().eta)
        self.receipts().filtered("done_at").done_at = fields.Datetime.now() - timedelta(
            seconds=11
        )
        self.drain()
        self.assertEqual(set(self.receipts().mapped("state")), {"done"})

    def test_full_batch_calls_for_help(self):
        self.set_limit("batch", 2)
        self.store(self.message("picked_up"))
        self.drain()
        self.assertFalse(self.drain_jobs(), "one drain is enough")
        for code in ("departed", "out_for_delivery", "delivered"):
            self.store(self.message(code))
        self.drain()
        self.assertEqual(len(self.drain_jobs()), 1)
        self.assertEqual(set(self.receipts().mapped("state")), {"done"})

    def test_no_more_than_so_many_bytes_are_read_at_a_time(self):
        for code in ("picked_up", "departed", "delivered"):
            self.store(self.message(code))
        receipts = self.receipts()
        size = len(receipts[0].body)
        portions = list(receipts._by_size(2 * size + 50))
        self.assertEqual([len(portion) for portion in portions], [2, 1])
        # One that is larger than the limit is read alone, but it is read.
        self.assertEqual([len(portion) for portion in receipts._by_size(1)], [1, 1, 1])

    def test_messages_full_of_events_are_recorded_a_few_at_a_time(self):
        for code in ("picked_up", "departed", "delivered"):
            self.store(self.message(code))
        with (
            self.poisoned("no number"),
            patch.object(processing_module, "READ_EVENTS", 2),
        ):
            self.drain()
        self.assertEqual(self.batches, [2, 1])
        self.assertEqual(set(self.receipts().mapped("state")), {"done"})

    def test_postponed_message_is_not_taken_before_its_time(self):
        receipt = self.store(self.message("delivered"))
        receipt.due_at = fields.Datetime.now() + timedelta(minutes=5)
        self.drain()
        self.assertEqual(receipt.state, "received")

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

    def test_dead_letters_are_replayed(self):
        receipts = self.receipts()
        adapter = self.account._adapter_class()
        for code in ("picked_up", "delivered"):
            receipts |= self.store(self.message(code))
        with patch.object(adapter, "parse_webhook", side_effect=KeyError), self.quiet():
            self.drain()
        self.assertEqual(set(receipts.mapped("state")), {"dead"})
        receipts.action_replay()
        self.assertEqual(set(receipts.mapped("state")), {"received"})
        self.assertEqual(len(self.drain_jobs()), 1)
        self.drain()
        self.assertEqual(set(receipts.mapped("state")), {"done"})
        self.assertFalse(any(receipts.mapped("reason")))
        self.assertEqual(self.shipment.headline, "delivered")

    def test_replay_of_what_is_done_changes_nothing(self):
        receipt = self.store(self.message("delivered"))
        self.drain()
        before = self.shipment.milestone_ids
        receipt.action_replay()
        self.drain()
        self.assertEqual(receipt.state, "done")
        self.assertEqual(self.shipment.milestone_ids, before)

    def test_drain_hands_over_when_its_time_is_up(self):
        for code in ("picked_up", "departed", "delivered"):
            self.store(self.message(code))
        self.set_limit("seconds", 0)
        self.set_limit("batch", 2)
        self.drain()
        self.assertEqual(
            sorted(self.receipts().mapped("state")), ["done", "done", "received"]
        )
        self.assertEqual(len(self.drain_jobs()), 1)

    def test_sweeper_wakes_the_drain_for_what_was_left_behind(self):
        receipt = self.store(self.message("delivered"))
        self.env["shipment.webhook.drain"]._cron_sweep()
        self.assertFalse(self.drain_jobs(), "a fresh message is about to be drained")
        receipt.due_at = fields.Datetime.now() - timedelta(seconds=90)
        for _turn in range(2):
            self.env["shipment.webhook.drain"]._cron_sweep()
            self.assertEqual(len(self.drain_jobs()), 1)

    def test_uninstalling_cancels_waiting_jobs(self):
        self.env["shipment.webhook.drain"]._wake()
        job = self.drain_jobs()
        uninstall_hook(self.env)
        self.assertEqual(job.state, "cancelled")

    def test_neutralized_copy_accepts_nothing(self):
        self.endpoint.action_rotate_secret()
        self.env.flush_all()
        sql = Path(processing_module.__file__).parents[1] / "data" / "neutralize.sql"
        self.env.cr.execute(sql.read_text())
        self.env.invalidate_all()
        self.assertFalse(self.endpoint.active)
        self.assertFalse(self.endpoint.secret or self.endpoint.previous_secret)
