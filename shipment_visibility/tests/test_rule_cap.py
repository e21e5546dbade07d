from datetime import timedelta

from odoo.fields import Datetime
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..canonical.milestone import Code
from .common import ShipmentCase


@tagged("post_install", "-at_install")
class TestRuleCap(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["shipment.rule"].search([]).active = False
        cls.rule = cls.env["shipment.rule"].create(
            {
                "name": "Note it",
                "code": "delivered",
                "effect": "post_note",
                "hourly_cap": 2,
                "activated_at": Datetime.now() - timedelta(days=7),
            }
        )
        cls.manager = new_test_user(
            cls.env,
            "cap_manager",
            "base.group_user,shipment_visibility.shipment_group_manager",
        )

    def deliver(self, *numbers):
        for number in numbers:
            self.make_shipment(number)
        self.ingest(*(self.event(number, Code.DELIVERED) for number in numbers))
        self.carry_out()

    def states(self):
        effects = self.env["shipment.effect"].search([("rule_id", "=", self.rule.id)])
        return sorted(effects.mapped("state"))

    def waiting(self):
        return self.env["shipment.effect"].search(
            [("rule_id", "=", self.rule.id), ("state", "=", "waiting")]
        )

    def test_a_rule_that_acts_too_often_pauses_and_asks_once(self):
        self.deliver("C1", "C2", "C3", "C4")
        self.assertEqual(self.states(), ["done", "done", "waiting", "waiting"])
        self.assertTrue(self.rule.paused_at)
        self.assertTrue(all("paused" in e.outcome for e in self.waiting()))
        self.deliver("C5")
        asked = self.rule.activity_ids.filtered(lambda a: a.user_id == self.manager)
        self.assertEqual(len(asked), 1)
        self.assertIn("Note it", asked.summary)

    def test_what_is_paused_holds_up_nobody_else(self):
        self.deliver("C1", "C2", "C3")
        self.assertGreater(self.waiting().due_at, Datetime.now())
        other = self.env["shipment.rule"].create(
            {
                "name": "Other",
                "code": "delivered",
                "effect": "post_note",
                "activated_at": Datetime.now() - timedelta(days=7),
            }
        )
        self.deliver("C4")
        effect = self.env["shipment.effect"].search([("rule_id", "=", other.id)])
        self.assertIn("done", effect.mapped("state"))

    def test_a_manager_lets_it_go_on(self):
        self.deliver("C1", "C2", "C3")
        with trap_jobs() as trap:
            self.rule.with_user(self.manager).action_resume()
            trap.assert_jobs_count(1, only=self.env["shipment.effect"]._job_carry_out)
            self.rule.resumed_at = Datetime.now() + timedelta(seconds=1)
            trap.perform_enqueued_jobs()
        self.assertEqual(self.states(), ["done", "done", "done"])
        self.assertFalse(self.rule.paused_at)
        self.assertFalse(self.rule.activity_ids)

    def test_what_was_done_over_an_hour_ago_does_not_count(self):
        self.deliver("C1", "C2")
        done = self.env["shipment.effect"].search([("rule_id", "=", self.rule.id)])
        done.done_at = Datetime.now() - timedelta(minutes=61)
        self.deliver("C3", "C4")
        self.assertEqual(self.states(), ["done"] * 4)
        self.assertFalse(self.rule.paused_at)

    def test_without_a_limit_it_never_pauses(self):
        self.rule.hourly_cap = 0
        self.deliver("C1", "C2", "C3")
        self.assertEqual(self.states(), ["done"] * 3)

    def test_only_mails_are_limited_unless_somebody_says_so(self):
        note = self.rule.copy({"hourly_cap": 0, "effect": "schedule_activity"})
        self.assertFalse(note.hourly_cap)
        note.effect = "notify_customer"
        self.assertEqual(note.hourly_cap, 500)
