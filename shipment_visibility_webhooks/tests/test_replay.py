from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..models import shipment_webhook_receipt_replay as replay_module
from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestReplay(WebhookCommon, TransactionCase):
    """Messages are processed again: one, some, a time, an account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_account = cls.env["shipment.carrier.account"].create(
            {"name": "Other", "adapter": "sandbox"}
        )
        cls.other_endpoint = cls.env["shipment.webhook.endpoint"].create(
            {"name": "Other", "account_id": cls.other_account.id}
        )
        cls.manager = new_test_user(
            cls.env,
            "replay-manager",
            groups="base.group_user,shipment_visibility.shipment_group_manager",
        )

    def ended(self, code, state, days=0, endpoint=None, **values):
        """A message that came so many days ago and ended in this state."""
        endpoint = endpoint or self.endpoint
        receipts = self.env["shipment.webhook.receipt"]
        known = receipts.search([])
        receipts._store(endpoint.id, self.message(code, id=f"{code}-{days}"), {})
        receipt = receipts.search([]) - known
        receipt.write({"state": state, **values})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE shipment_webhook_receipt SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=days), receipt.id],
        )
        self.env.invalidate_all()
        return receipt

    def wizard(self, **values):
        return (
            self.env["shipment.webhook.replay"].with_user(self.manager).create(values)
        )

    def replay(self, wizard):
        """Press the button, let the queue do what it was asked for; what is to come next."""
        with trap_jobs() as trap:
            wizard.action_replay()
            trap.perform_enqueued_jobs()
            successors = [job.method_name for job in trap.enqueued_jobs]
        self.env.invalidate_all()
        return successors

    def test_all_dead_letters_of_an_account_are_replayed(self):
        mine = self.ended("picked_up", "dead", failure="malformed", reason="why")
        mine |= self.ended("departed", "dead", failure="rule", attempts=2)
        done = self.ended("delivered", "done", done_at=fields.Datetime.now())
        other = self.ended("picked_up", "dead", endpoint=self.other_endpoint)
        wizard = self.wizard(account_id=self.account.id)
        self.assertEqual(wizard.message_count, 2)
        self.assertEqual(self.replay(wizard), ["_job_drain"])
        self.assertEqual(mine.mapped("state"), ["received", "received"])
        self.assertFalse(any(mine.mapped("failure") + mine.mapped("attempts")))
        self.assertTrue(all(mine.mapped("replayed_at")))
        self.assertEqual((done.state, other.state), ("done", "dead"))
        self.drain()
        self.assertEqual(mine.mapped("state"), ["done", "done"])

    def test_a_time_range_is_replayed(self):
        early = self.ended("picked_up", "done", days=5)
        inside = self.ended("departed", "done", days=3)
        late = self.ended("delivered", "done", days=1)
        now = fields.Datetime.now()
        wizard = self.wizard(
            which="both",
            date_from=now - timedelta(days=4),
            date_to=now - timedelta(days=2),
        )
        self.assertEqual(wizard.message_count, 1)
        self.replay(wizard)
        self.assertEqual(
            (early | inside | late).mapped("state"), ["done", "received", "done"]
        )

    def test_dead_letters_of_one_class_are_replayed(self):
        malformed = self.ended("picked_up", "dead", failure="malformed")
        account = self.ended("departed", "dead", failure="account")
        self.replay(self.wizard(failure="account"))
        self.assertEqual((malformed.state, account.state), ("dead", "received"))

    def test_many_are_replayed_in_batches_each_once(self):
        receipts = self.ended("picked_up", "dead", days=1)
        for days in range(2, 6):
            receipts |= self.ended("picked_up", "dead", days=days)
        with patch.object(replay_module, "BATCH_SIZE", 2):
            self.replay(self.wizard())
        self.assertEqual(set(receipts.mapped("state")), {"received"})

    def test_job_that_runs_again_replays_nothing_twice(self):
        receipt = self.ended("picked_up", "dead")
        asked_at = fields.Datetime.to_string(fields.Datetime.now())
        criteria = {"states": ["dead", "done"]}
        receipts = self.env["shipment.webhook.receipt"]
        self.assertEqual(receipts._job_replay(criteria, asked_at), "1 messages")
        self.drain()
        self.assertEqual(receipts._job_replay(criteria, asked_at), "0 messages")
        self.assertEqual(receipt.state, "done")

    def test_long_replay_goes_on_in_another_job(self):
        receipts = self.ended("picked_up", "dead", days=1)
        receipts |= self.ended("departed", "dead", days=2)
        with patch.object(replay_module, "SECONDS", -1):
            successors = self.replay(self.wizard())
        self.assertEqual(successors, ["_job_replay"])
        self.assertEqual(receipts.mapped("state"), ["dead", "dead"])

    def test_message_without_content_is_not_replayed(self):
        receipt = self.ended(
            "picked_up", "done", body=False, body_dropped_at=fields.Datetime.now()
        )
        wizard = self.wizard(which="both")
        self.assertEqual(wizard.message_count, 0)
        with self.assertRaises(UserError):
            wizard.action_replay()
        receipt.action_replay()
        self.assertEqual(receipt.state, "done")

    def test_messages_of_another_company_stay_as_they_are(self):
        receipt = self.ended("picked_up", "dead")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        manager = new_test_user(
            self.env,
            "replay-elsewhere",
            groups="base.group_user,shipment_visibility.shipment_group_manager",
            company_id=elsewhere.id,
            company_ids=[elsewhere.id],
        )
        wizard = self.env["shipment.webhook.replay"].with_user(manager).create({})
        self.assertEqual(wizard.message_count, 0)
        receipts = self.env["shipment.webhook.receipt"].with_user(manager)
        receipts._job_replay({}, fields.Datetime.to_string(fields.Datetime.now()))
        self.assertEqual(receipt.state, "dead")

    def test_warehouse_worker_replays_nothing(self):
        worker = new_test_user(
            self.env, "replay-worker", groups="base.group_user,stock.group_stock_user"
        )
        with self.assertRaises(AccessError):
            self.env["shipment.webhook.replay"].with_user(worker).create({})

    def test_what_is_new_goes_before_what_is_replayed(self):
        old = self.ended("picked_up", "dead", days=2)
        old.action_replay()
        new = self.store(self.message("delivered"))
        claimed = self.env["shipment.webhook.receipt"]._claim(1)
        self.assertEqual(claimed, new)

    def test_message_that_waits_for_its_next_attempt_is_tried_at_once(self):
        receipt = self.ended(
            "picked_up",
            "received",
            attempts=3,
            due_at=fields.Datetime.now() + timedelta(hours=1),
        )
        receipt.action_replay()
        self.drain()
        self.assertEqual(receipt.state, "done")


@tagged("post_install", "-at_install")
class TestRecovery(WebhookCommon, TransactionCase):
    """Hours and days of downtime: everything is recorded, nobody is flooded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["shipment.rule"].search([]).active = False
        cls.env.company.email = "shop@example.com"
        cls.customer = cls.env["res.partner"].create(
            {"name": "Example Customer", "email": "customer@example.com"}
        )
        for code in ("picked_up", "out_for_delivery", "delivered"):
            rule = cls.env["shipment.rule"].create(
                {"name": code, "code": code, "effect": "notify_customer"}
            )
            rule.activated_at = fields.Datetime.now() - timedelta(days=100)
        cls.shipments = cls.env["shipment.shipment"].create(
            [
                {
                    "company_id": cls.env.company.id,
                    "carrier_id": cls.account.carrier_id.id,
                    "partner_id": cls.customer.id,
                    "package_ids": [Command.create({"tracking_number": number})],
                }
                for number in ("SBXOLD1", "SBXOLD2", "SBXNEW1")
            ]
        )

    def told(self, code, number, hours):
        """A message of what happened so many hours ago."""
        moment = fields.Datetime.now() - timedelta(hours=hours)
        event = {
            "tracking_number": number,
            "event_id": f"{number}-{code}",
            "code": {"picked_up": "PUP", "out_for_delivery": "OFD", "delivered": "DLV"}[
                code
            ],
            "occurred_at": f"{moment.isoformat(timespec='seconds')}Z",
        }
        return self.store(
            self.message(code, number, id=f"{number}{code}", events=[event])
        )

    def carry_out(self):
        """Let the effects be carried out, in the middle of the day."""
        company = type(self.env["res.company"])
        with patch.object(company, "_shipment_quiet_until", return_value=None):
            self.env["shipment.effect"]._job_carry_out()
        self.env.invalidate_all()

    def mails(self):
        return self.env["shipment.effect"].search([("state", "=", "done")])

    def test_backlog_of_days_moves_shipments_and_sends_no_mail(self):
        for code, hours in (("picked_up", 90), ("out_for_delivery", 72)):
            self.told(code, "SBXOLD1", hours)
            self.told(code, "SBXOLD2", hours)
        self.told("delivered", "SBXOLD2", 71)
        self.drain()
        self.carry_out()
        self.assertEqual(
            self.shipments[:2].mapped("headline"), ["out_for_delivery", "delivered"]
        )
        effects = self.shipments[:2].effect_ids
        self.assertEqual(len(effects), 5)
        self.assertEqual(set(effects.mapped("state")), {"skipped"})

    def test_backlog_of_hours_sends_one_mail_with_the_newest_news(self):
        for code, hours in (
            ("picked_up", 9),
            ("out_for_delivery", 5),
            ("delivered", 2),
        ):
            self.told(code, "SBXNEW1", hours)
        self.drain()
        self.carry_out()
        self.assertEqual(self.mails().mapped("code"), ["delivered"])
        self.assertEqual(self.shipments[2].headline, "delivered")

    def test_replay_of_known_messages_sends_no_mail(self):
        receipt = self.told("delivered", "SBXNEW1", 2)
        self.drain()
        self.carry_out()
        self.assertEqual(len(self.mails()), 1)
        receipt.action_replay()
        self.drain()
        self.carry_out()
        self.assertEqual(len(self.mails()), 1)

    def test_replay_of_old_dead_letters_sends_no_mail(self):
        adapter = self.account._adapter_class()
        receipt = self.told("delivered", "SBXOLD1", 72)
        with patch.object(adapter, "parse_webhook", side_effect=KeyError), self.quiet():
            self.drain()
        self.assertEqual(receipt.state, "dead")
        receipt.action_replay()
        self.drain()
        self.carry_out()
        self.assertEqual(self.shipments[0].headline, "delivered")
        self.assertFalse(self.mails())

    def test_backlog_is_worked_through_in_order_of_arrival(self):
        receipts = self.receipts()
        for number in ("SBXOLD2", "SBXNEW1", "SBXOLD1"):
            receipts |= self.told("picked_up", number, 5)
        self.assertEqual(self.env["shipment.webhook.receipt"]._claim(2), receipts[:2])
