from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .. import uninstall_hook
from ..models import shipment_webhook_processing as processing_module
from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestDrain(WebhookCommon, TransactionCase):
    """What becomes of a stored message."""

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
