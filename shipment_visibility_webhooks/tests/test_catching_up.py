from datetime import UTC, datetime, timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import CODES, WebhookCommon


@tagged("post_install", "-at_install")
class TestCatchingUp(MockEmail, WebhookCommon, TransactionCase):
    """Hours of messages that were stored while no job ran."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.account.company_id
        cls.company.email = "shop@example.com"
        cls.shipment.partner_id = cls.env["res.partner"].create(
            {"name": "Example Customer", "email": "customer@example.com"}
        )
        cls.env["shipment.rule"].search([]).active = False
        cls.rules = cls.env["shipment.rule"].create(
            [
                {
                    "name": f"Tell of {code}",
                    "code": code,
                    "effect": "notify_customer",
                    "activated_at": fields.Datetime.now() - timedelta(days=7),
                }
                for code in ("picked_up", "out_for_delivery", "delivered")
            ]
        )

    def stored_hours_ago(self, *codes):
        """Messages of a journey, each as old as what it tells of."""
        for hours, code in enumerate(reversed(codes), start=2):
            at = datetime.now(UTC) - timedelta(hours=hours)
            event = {
                "tracking_number": self.number,
                "event_id": f"{self.number}-{code}",
                "code": CODES[code],
                "occurred_at": at.isoformat(),
            }
            receipt = self.store(self.message(code, events=[event]))
            self.make_due(receipt, hours)

    def make_due(self, receipts, hours):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE shipment_webhook_receipt SET due_at = %s WHERE id = ANY(%s)",
            [fields.Datetime.now() - timedelta(hours=hours), receipts.ids],
        )
        self.env.invalidate_all()

    def carry_out(self):
        """Do what the queue would do with the ledger; return the mails that left."""
        effects = self.env["shipment.effect"]
        effects.search([("due_at", "!=", False)]).due_at = False
        bot = self.env.ref("shipment_visibility.user_bot")
        with self.mock_mail_gateway():
            effects.with_user(bot).sudo()._job_carry_out()
        return self._mails

    def test_a_backlog_is_one_mail_a_shipment_however_it_is_drained(self):
        self.stored_hours_ago("picked_up", "departed", "out_for_delivery", "delivered")
        for left in (3, 2, 1):
            self.env["shipment.webhook.drain"]._drain_batch(1)
            waiting = self.receipts().filtered(lambda r: r.state == "received")
            self.assertEqual(len(waiting), left)
            self.assertFalse(self.carry_out())
        self.env["shipment.webhook.drain"]._drain_batch(1)
        self.assertEqual(len(self.carry_out()), 1)
        self.env.invalidate_all()
        states = {e.code: e.state for e in self.shipment.effect_ids}
        self.assertEqual(
            states,
            {
                "picked_up": "overtaken",
                "out_for_delivery": "overtaken",
                "delivered": "done",
            },
        )

    def test_replayed_messages_hold_nobody_up(self):
        self.stored_hours_ago("picked_up", "out_for_delivery")
        self.drain()
        self.receipts().action_replay()
        self.make_due(self.receipts(), hours=1)
        self.assertEqual(len(self.carry_out()), 1)

    def test_an_endpoint_is_not_silent_because_we_were_away(self):
        self.endpoint.expected_within_hours = 6
        self.age(self.endpoint, hours=100)
        self.age(self.shipment, hours=24)
        cron = self.env.ref(
            "shipment_visibility_webhooks.ir_cron_shipment_webhook_silence"
        )
        self.env.cr.execute(
            "UPDATE ir_cron SET nextcall = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=20), cron.id],
        )
        self.env.invalidate_all()
        endpoints = self.endpoint.with_context(cron_id=cron.id)
        endpoints._cron_watch_silence()
        self.assertFalse(self.endpoint.activity_ids)
        parameters = self.env["ir.config_parameter"]
        parameters.set_param(
            "shipment_visibility.resumed_at",
            fields.Datetime.now() - timedelta(hours=7),
        )
        self.endpoint._cron_watch_silence()
        self.assertTrue(self.endpoint.activity_ids)
