import datetime as dt
import json
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..models import shipment_outbox_sender
from ..outgoing.couriers import Couriers
from ..outgoing.sending import Outcome, Result
from .outgoing_common import OutgoingCommon


@tagged("post_install", "-at_install")
class TestOutboxSend(OutgoingCommon, TransactionCase):
    """How messages reach a receiver."""

    def at(self, minutes):
        """Let that much time have passed since the test began."""
        moment = self.now.replace(tzinfo=None) + dt.timedelta(minutes=minutes)
        return freeze_time(moment)

    def test_a_message_arrives_signed_and_in_the_form_of_a_cloud_event(self):
        self.ingest(self.event("delivered"))
        self.send()
        [(headers, body)] = self.receiver.messages
        message = json.loads(body)
        [row] = self.outbox()
        self.assertEqual(message["specversion"], "1.0")
        self.assertEqual(message["type"], "shipment.delivered")
        self.assertEqual(message["subject"], self.shipment.name)
        self.assertEqual(message["correlationid"], self.shipment.correlation_id)
        self.assertEqual(message["source"], self.subscription.get_base_url())
        self.assertEqual(message["id"], headers["webhook-id"])
        self.assertEqual(message["data"], row.data)
        self.assertIn("application/cloudevents+json", headers["Content-Type"])
        self.assertTrue(self.signature_holds(headers, body, self.secrets()[0]))
        self.assertFalse(self.signature_holds(headers, body + b" ", self.secrets()[0]))
        self.assertEqual((row.state, row.attempts, row.status_code), ("sent", 1, 204))
        self.assertTrue(self.subscription.last_success_at)

    def test_during_a_rotation_both_secrets_sign(self):
        old = self.secrets()[0]
        self.subscription.action_new_secret()
        self.ingest(self.event("picked_up", minutes=90))
        self.send()
        self.subscription.action_remove_previous_secret()
        self.ingest(self.event("departed"))
        self.send()
        [new] = self.secrets()
        first, second = self.receiver.messages
        self.assertTrue(self.signature_holds(*first, old))
        self.assertTrue(self.signature_holds(*first, new))
        self.assertFalse(self.signature_holds(*second, old))
        self.assertTrue(self.signature_holds(*second, new))

    def test_messages_of_a_shipment_arrive_in_their_order(self):
        codes = ["picked_up", "departed", "out_for_delivery", "delivered"]
        self.ingest(*(self.event(code, minutes=60 - i) for i, code in enumerate(codes)))
        self.send()
        self.assertEqual(self.receiver.told(), [f"shipment.{code}" for code in codes])

    def test_the_next_waits_until_the_one_before_has_arrived(self):
        self.receiver.answers = [(500, {})]
        self.ingest(self.event("picked_up", minutes=90), self.event("departed"))
        self.send()
        self.assertEqual(self.receiver.told(), ["shipment.picked_up"])
        with self.at(minutes=1):
            self.send()
        self.assertEqual(
            self.receiver.told()[1:], ["shipment.picked_up", "shipment.departed"]
        )

    def test_another_shipment_does_not_wait(self):
        self.new_shipment("SBX0000000000000050")
        self.receiver.answers = [(500, {})]
        self.ingest(self.event("picked_up"))
        self.send()
        self.ingest(self.event("delivered", "SBX0000000000000050"))
        self.send()
        self.assertEqual(
            self.receiver.told(), ["shipment.picked_up", "shipment.delivered"]
        )

    def test_a_message_is_tried_for_a_day_with_the_same_id_and_a_new_time(self):
        self.receiver.answers = [(500, {})] * 20
        self.ingest(self.event("picked_up"))
        [row] = self.outbox()
        for _attempt in range(20):
            if row.state != "waiting":
                break
            with freeze_time(row.due_at):
                tried_at = fields.Datetime.now()
                self.send()
        headers = [headers for headers, _body in self.receiver.messages]
        self.assertEqual(len({h["webhook-id"] for h in headers}), 1)
        self.assertEqual(len({h["webhook-timestamp"] for h in headers}), len(headers))
        self.assertEqual(len(headers), 8)
        self.assertEqual((row.state, row.attempts), ("given_up", 8))
        self.assertEqual(tried_at - row.queued_at, dt.timedelta(days=1))
        self.assertIn("500", row.reason)

    def test_who_gets_no_message_for_a_day_is_failing_and_somebody_is_told(self):
        self.receiver.answers = [(500, {})] * 2
        self.ingest(self.event("picked_up", minutes=90), self.event("departed"))
        first, second = self.outbox()
        first.sudo().write(
            {
                "attempts": 7,
                "queued_at": fields.Datetime.now() - dt.timedelta(hours=24),
            }
        )
        self.send()
        self.assertEqual(first.state, "given_up")
        self.assertEqual(second.attempts, 1, "it goes on after what was given up")
        self.assertEqual(self.subscription.status, "failing")
        [activity] = self.subscription.activity_ids
        self.assertEqual(activity.user_id, self.subscription.user_id)

    def test_a_receiver_that_takes_messages_again_is_working_again(self):
        self.subscription.write({"status": "failing", "failures": 3})
        self.ingest(self.event("picked_up"))
        self.send()
        self.assertEqual(self.subscription.status, "working")
        self.assertEqual(self.subscription.failures, 0)

    def test_a_receiver_that_wants_no_more_is_disabled_and_somebody_is_told(self):
        self.receiver.answers = [(410, {})]
        self.ingest(self.event("picked_up", minutes=90), self.event("departed"))
        self.send()
        self.assertEqual(self.receiver.told(), ["shipment.picked_up"])
        self.assertEqual(self.subscription.status, "disabled")
        self.assertEqual(set(self.outbox().mapped("state")), {"given_up"})
        self.assertIn("410", self.subscription.activity_ids.note)
        self.ingest(self.event("delivered", minutes=10))
        self.assertEqual(len(self.outbox()), 2)
        self.subscription.action_enable()
        self.ingest(self.event("returned", minutes=-1))
        self.send()
        self.assertEqual(self.receiver.told()[1:], ["shipment.returned"])

    def test_a_receiver_that_asks_to_wait_is_left_alone_by_all_shipments(self):
        self.new_shipment("SBX0000000000000060")
        self.receiver.answers = [(429, {"Retry-After": "600"})]
        self.ingest(self.event("picked_up"))
        self.send()
        self.ingest(self.event("delivered", "SBX0000000000000060"))
        for minutes in (1, 9):
            with self.at(minutes=minutes):
                self.send()
        self.assertEqual(len(self.receiver.messages), 1)
        with self.at(minutes=11):
            self.send()
        self.assertEqual(len(self.receiver.messages), 3)

    def test_a_receiver_that_is_down_is_asked_less_and_less_often(self):
        self.receiver.answers = [(503, {})] * 20
        rests = []
        for index in range(3):
            self.new_shipment(f"SBX000000000000007{index}")
            self.ingest(self.event("picked_up", f"SBX000000000000007{index}"))
            # Not at once: what was recorded in the next second would not be due yet.
            with self.at(minutes=1 + 10 * index):
                self.send()
                rest = self.subscription.rest_until - fields.Datetime.now()
            rests.append(rest.total_seconds())
        self.assertEqual(rests[0], 5)
        self.assertGreater(rests[2], rests[0])

    def test_who_is_killed_while_sending_repeats_with_the_same_id(self):
        self.ingest(self.event("picked_up", minutes=90), self.event("departed"))
        sender = self.env["shipment.outbox.sender"]
        claimed = sender._claim(16, set())  # and then the process is killed
        self.assertEqual(len(claimed), 1)
        self.send()
        self.assertFalse(self.receiver.messages, "another sender may be at it")
        with self.at(minutes=2):
            self.send()
        self.assertEqual(
            self.receiver.told(), ["shipment.picked_up", "shipment.departed"]
        )
        [ticket] = claimed
        self.assertEqual(
            self.receiver.messages[0][0]["webhook-id"],
            claimed[ticket].headers["webhook-id"],
        )

    def test_what_a_sender_says_that_was_overtaken_does_not_count(self):
        self.ingest(self.event("picked_up"))
        sender = self.env["shipment.outbox.sender"]
        claimed = sender._claim(16, set())
        couriers = Couriers(16)
        self.receiver.answers = [(500, {})]
        for ticket, message in claimed.items():
            couriers.send_out(ticket, message)
        late = couriers.returned()
        row = self.outbox()
        with self.at(minutes=2):
            [second] = sender._claim(16, set())
            sender._settle(late)
            self.env.invalidate_all()
            self.assertGreater(row.due_at, fields.Datetime.now(), "it is under way")
            self.assertFalse(row.reason)
            sender._settle({second: Outcome(Result.TAKEN, 200)})
            sender._settle(late)
        self.env.invalidate_all()
        self.assertEqual((row.state, row.attempts), ("sent", 2))

    def test_one_receiver_takes_no_more_than_its_share(self):
        other = self.subscribe(self.receiver)
        for index in range(10):
            self.new_shipment(f"SBX000000000000008{index}")
        self.ingest(
            *(self.event("picked_up", f"SBX000000000000008{i}") for i in range(10))
        )
        sender = self.env["shipment.outbox.sender"]
        claimed = sender._claim(99, set())
        shares = [ticket.subscription_id for ticket in claimed]
        for subscription in (self.subscription, other):
            self.assertEqual(
                shares.count(subscription.id), shipment_outbox_sender.PARALLEL_EACH
            )
        self.assertFalse(sender._claim(99, set(claimed)), "both have their share")
        self.assertFalse(sender._claim(0, set()))

    def test_a_sender_whose_time_is_up_hands_over(self):
        self.ingest(self.event("picked_up"))
        self.sender_jobs().unlink()
        with patch.object(shipment_outbox_sender, "SEND_SECONDS", 0):
            self.send()
        self.assertFalse(self.receiver.messages)
        self.assertEqual(len(self.sender_jobs()), 1)

    def test_what_fails_is_looked_at_again_in_a_few_seconds(self):
        self.receiver.answers = [(500, {})]
        self.ingest(self.event("picked_up"))
        self.send()
        job = self.env["queue.job"].search(
            [
                ("identity_key", "=", shipment_outbox_sender.RETRY_KEY),
                ("state", "=", "pending"),
            ]
        )
        self.assertLess(job.eta - fields.Datetime.now(), dt.timedelta(seconds=10))

    def test_the_sweeper_wakes_the_sender_only_for_what_is_due(self):
        sender = self.env["shipment.outbox.sender"]
        self.receiver.answers = [(500, {})]
        self.ingest(self.event("picked_up", minutes=90), self.event("departed"))
        self.send()
        self.sender_jobs().unlink()
        sender._cron_sweep()
        self.assertFalse(self.sender_jobs(), "the second has to wait for the first")
        with self.at(minutes=1):
            sender._cron_sweep()
        self.assertEqual(len(self.sender_jobs()), 1)

    def test_a_private_address_that_is_no_longer_allowed_gets_nothing(self):
        self.ingest(self.event("picked_up"))
        self.env.cr.execute(
            "UPDATE shipment_subscription SET allow_private_addresses = false"
        )
        self.send()
        self.assertFalse(self.receiver.messages)
        [row] = self.outbox()
        self.assertEqual(row.state, "waiting")
        self.assertIn("https", row.reason)
        self.assertNotIn("127.0.0.1", row.reason)
