import datetime as dt
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.modules.neutralize import neutralize_database
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..outgoing.sending import Outcome, Result
from .outgoing_common import OutgoingCommon

HEALTH = "odoo.addons.shipment_visibility_webhooks.models.shipment_subscription_health"


@tagged("post_install", "-at_install")
class TestOutboxTrouble(OutgoingCommon, TransactionCase):
    """What goes wrong with one receiver stays with that receiver."""

    def setUp(self):
        super().setUp()
        self.sender = self.env["shipment.outbox.sender"]

    def happen(self, count):
        """Something that happens to so many shipments."""
        numbers = [f"SBX00000000000002{index:02}" for index in range(count)]
        for number in numbers:
            self.new_shipment(number)
        self.ingest(*(self.event("picked_up", number) for number in numbers))

    def shares(self, claimed):
        """How many were claimed for whom."""
        owners = [ticket.subscription_id for ticket in claimed]
        return {owner: owners.count(owner) for owner in owners}

    def test_what_is_rolled_back_is_not_told(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.ingest(self.event("picked_up"))
            self.assertTrue(self.outbox())
            raise ZeroDivisionError
        self.assertFalse(self.outbox())
        self.assertFalse(self.sender_jobs())
        self.send()
        self.assertFalse(self.receiver.messages)

    def test_a_receiver_in_trouble_is_asked_with_one_message(self):
        self.happen(4)
        self.subscription.failures = 1
        self.env.flush_all()
        claimed = self.sender._claim(16, set())
        self.assertEqual(len(claimed), 1)
        self.assertFalse(self.sender._claim(16, set(claimed)), "before it has answered")

    def test_old_messages_of_some_receivers_do_not_hold_up_new_ones_of_another(self):
        other = self.subscribe(self.receiver)
        self.happen(4)
        self.env.cr.execute(
            "UPDATE shipment_outbox SET due_at = due_at - interval '1 hour'"
            " WHERE subscription_id = %s",
            [self.subscription.id],
        )
        claimed = self.sender._claim(4, set())
        self.assertEqual(
            self.shares(claimed), {self.subscription.id: 2, other.id: 2}, "half each"
        )

    def test_a_subscription_that_cannot_be_written_stops_no_other(self):
        other = self.subscribe(self.receiver)
        self.ingest(self.event("picked_up"))
        write = type(other).write

        def failing(records, vals):
            if self.subscription.id in records.ids:
                raise ValueError("somebody's own rule")
            return write(records, vals)

        with patch.object(type(other), "write", failing), mute_logger(HEALTH):
            self.send()
        self.assertEqual(self.outbox().state, "sent")
        self.assertEqual(self.outbox(other).state, "sent")
        self.assertFalse(self.subscription.last_success_at)
        self.assertTrue(other.last_success_at)
        self.send()
        self.assertEqual(len(self.receiver.messages), 2, "nobody got it twice")

    def test_a_lock_on_messages_does_not_have_them_sent_twice(self):
        self.ingest(self.event("picked_up"))
        settle = type(self.sender)._settle
        calls = []

        def locked_once(sender, outcomes):
            calls.append(outcomes)
            if len(calls) == 1:
                raise psycopg2.errors.LockNotAvailable
            return settle(sender, outcomes)

        with patch.object(type(self.sender), "_settle", locked_once):
            self.send()
        self.assertEqual(self.outbox().state, "sent")
        self.assertEqual(len(self.receiver.messages), 1)

    def test_what_is_sent_again_is_not_settled_by_an_attempt_before(self):
        self.ingest(self.event("picked_up"))
        [old] = self.sender._claim(16, set())
        later = self.now.replace(tzinfo=None) + dt.timedelta(minutes=1)
        with patch.object(fields.Datetime, "now", lambda: later):
            self.outbox().action_resend()
            [new] = self.sender._claim(16, set())
            self.assertEqual(new.attempts, old.attempts)
            self.sender._settle({old: Outcome(Result.TAKEN, 200)})
        self.assertEqual(self.outbox().state, "waiting")
        self.sender._settle({new: Outcome(Result.TAKEN, 200)})
        self.assertEqual(self.outbox().state, "sent")

    def test_the_receiver_who_says_gone_several_times_is_disabled_once(self):
        self.happen(3)
        self.receiver.answers = [(410, {})] * 3
        self.send()
        self.assertEqual(self.subscription.status, "disabled")
        self.assertEqual(len(self.subscription.activity_ids), 1)

    def test_what_a_receiver_says_is_no_html_of_ours(self):
        self.receiver.text = '<a href="https://evil.example.com">Log in</a>'
        self.receiver.answers = [(500, {})]
        self.addCleanup(setattr, self.receiver, "text", "")
        self.ingest(self.event("picked_up"))
        row = self.outbox()
        row.sudo().write(
            {"attempts": 7, "queued_at": fields.Datetime.now() - dt.timedelta(days=1)}
        )
        self.send()
        note = self.subscription.activity_ids.note
        self.assertIn("evil.example.com", note)
        self.assertNotIn("<a", note)

    def test_what_waits_for_an_archived_subscription_is_given_up(self):
        kept = self.subscribe(self.receiver)
        self.ingest(self.event("picked_up"))
        self.subscription.active = False
        self.env.flush_all()
        self.sender._cron_sweep()
        self.assertEqual(self.outbox().state, "given_up")
        self.assertIn("archived", self.outbox().reason)
        self.assertEqual(self.outbox(kept).state, "waiting")
        self.subscription.active = True
        self.send()
        self.assertEqual(len(self.receiver.messages), 1, "old news is no news")
        self.outbox().action_resend()
        self.send()
        self.assertEqual(len(self.receiver.messages), 2)

    def test_what_was_recorded_while_it_was_disabled_does_not_wait_for_ever(self):
        self.ingest(self.event("picked_up"))
        # By a process that did not know yet.
        self.env.cr.execute("UPDATE shipment_subscription SET status = 'disabled'")
        self.env.invalidate_all()
        self.sender._cron_sweep()
        self.assertEqual(self.outbox().state, "given_up")

    def test_a_copy_for_tests_tells_nothing_of_what_waited(self):
        self.ingest(self.event("picked_up"))
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertFalse(self.subscription.active or self.subscription.has_secret)
        self.subscription.active = True
        self.subscription.action_new_secret()
        self.send()
        self.assertFalse(self.receiver.messages)
