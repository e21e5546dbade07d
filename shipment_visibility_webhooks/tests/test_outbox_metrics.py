import json

from odoo.tests import TransactionCase, tagged

from .outgoing_common import OutgoingCommon
from .test_metrics import DASHBOARD, MetricsCommon


@tagged("post_install", "-at_install")
class TestOutboxMetrics(OutgoingCommon, MetricsCommon, TransactionCase):
    """What is told of messages to other systems."""

    def setUp(self):
        super().setUp()
        self.labels = {"subscription": str(self.subscription.id)}

    def age(self, minutes):
        """Let messages have waited for so long."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE shipment_outbox"
            "   SET queued_at = queued_at - %(minutes)s * interval '1 minute',"
            "       due_at = due_at - %(minutes)s * interval '1 minute'",
            {"minutes": minutes},
        )

    def test_what_waits_is_told_by_subscription(self):
        idle = self.subscribe(self.receiver)
        self.ingest(self.event("picked_up", minutes=90), self.event("departed"))
        self.env.cr.execute(
            "DELETE FROM shipment_outbox WHERE subscription_id = %s", [idle.id]
        )
        self.age(9)
        self.assertEqual(self.value("shipment_outbox_waiting", **self.labels), 2)
        seconds = self.value("shipment_outbox_oldest_seconds", **self.labels)
        self.assertTrue(480 <= seconds < 660, seconds)
        seconds = self.value("shipment_outbox_overdue_seconds")
        self.assertTrue(480 <= seconds < 660, seconds)
        other = {"subscription": str(idle.id)}
        for name in ("waiting", "oldest_seconds", "given_up"):
            self.assertEqual(self.value(f"shipment_outbox_{name}", **other), 0)
        self.assertEqual(
            self.value("shipment_subscription_info", **self.labels, name="Web shop"), 1
        )

    def test_what_waits_for_another_attempt_is_old_and_not_overdue(self):
        self.receiver.answers = [(500, {})]
        self.ingest(self.event("picked_up"))
        self.age(9)
        self.send()
        self.assertGreater(
            self.value("shipment_outbox_oldest_seconds", **self.labels), 500
        )
        self.assertEqual(self.value("shipment_outbox_overdue_seconds"), 0)

    def test_attempts_are_counted_by_what_came_of_them(self):
        self.receiver.answers = [(500, {})]
        self.ingest(self.event("picked_up"))
        with self.committing():
            self.send()
            self.outbox().action_resend()
            self.send()
        self.keep_own()
        for outcome in ("refused", "taken"):
            self.assertEqual(
                self.value(
                    "shipment_outbox_attempts_total", **self.labels, outcome=outcome
                ),
                1,
            )

    def test_who_wants_no_more_is_told(self):
        self.receiver.answers = [(410, {})]
        self.ingest(self.event("picked_up", minutes=90), self.event("departed"))
        name = "shipment_subscriptions"
        disabled = self.value(name, status="disabled")
        working = self.value(name, status="working")
        self.send()
        self.assertEqual(self.value(name, status="disabled"), disabled + 1)
        self.assertEqual(self.value(name, status="working"), working - 1)
        self.assertEqual(self.value("shipment_outbox_given_up", **self.labels), 2)
        self.assertEqual(self.value("shipment_outbox_waiting", **self.labels), 0)
        self.subscription.active = False
        self.assertEqual(self.value(name, status="disabled"), disabled)

    def test_the_dashboard_and_the_guide_show_them(self):
        dashboard = json.dumps(json.loads(DASHBOARD.read_text()))
        guide = DASHBOARD.with_name("operations.md").read_text()
        for name in (
            "shipment_outbox_waiting",
            "shipment_outbox_oldest_seconds",
            "shipment_outbox_overdue_seconds",
            "shipment_outbox_attempts_total",
            "shipment_outbox_given_up",
            "shipment_subscriptions",
        ):
            self.assertIn(name, dashboard)
            self.assertIn(f"`{name}`", guide)
