import logging
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .. import uninstall_hook
from ..models import shipment_webhook_drain as drain_module
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

    def test_message_that_fails_again_and_again_is_a_dead_letter(self):
        poison = self.store(self.message("delivered", number="POISON0001"))
        for attempt in range(1, len(PAUSES) + 2):
            with self.poisoned("POISON0001"), self.quiet():
                self.drain()
            self.assertEqual(poison.attempts, attempt)
            poison.due_at = fields.Datetime.now()
        self.assertEqual((poison.state, poison.failure), ("dead", "processing"))

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
            self.assertLogs(drain_module._logger, logging.WARNING) as logs,
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
        with (
            patch.object(drain_module, "DRAIN_SECONDS", -1),
            patch.object(drain_module, "BATCH_SIZE", 2),
        ):
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

    def test_old_receipts_are_deleted_and_dead_letters_kept(self):
        receipts = self.receipts()
        for code, state, days in (
            ("picked_up", "done", 91),
            ("departed", "done", 89),
            ("delivered", "dead", 400),
        ):
            receipt = self.store(self.message(code))
            done_at = fields.Datetime.now() - timedelta(days=days)
            receipt.write({"state": state, "done_at": done_at})
            receipts |= receipt
        self.env["shipment.webhook.receipt"]._gc_done()
        self.assertEqual(receipts.exists(), receipts[1:])
        self.env["ir.config_parameter"].set_param(
            "shipment_visibility_webhooks.receipt_days", 30
        )
        self.env["shipment.webhook.receipt"]._gc_done()
        self.assertEqual(receipts.exists(), receipts[2:])

    def test_uninstalling_cancels_waiting_jobs(self):
        self.env["shipment.webhook.drain"]._wake()
        job = self.drain_jobs()
        uninstall_hook(self.env)
        self.assertEqual(job.state, "cancelled")

    def test_neutralized_copy_accepts_nothing(self):
        self.endpoint.action_rotate_secret()
        self.env.flush_all()
        sql = Path(drain_module.__file__).parents[1] / "data" / "neutralize.sql"
        self.env.cr.execute(sql.read_text())
        self.env.invalidate_all()
        self.assertFalse(self.endpoint.active)
        self.assertFalse(self.endpoint.secret or self.endpoint.previous_secret)
