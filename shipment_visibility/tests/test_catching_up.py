from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Datetime
from odoo.tests import tagged

from ..canonical.milestone import Code
from .common import USUAL
from .test_notification import NotificationCase


class CatchingUpCase(NotificationCase):
    @contextmanager
    def unheard(self):
        """While other addons say that there may be news nobody has looked at."""
        with patch.object(
            type(self.env["shipment.shipment"]), "_filter_unheard", lambda self: self
        ):
            yield


@tagged("post_install", "-at_install")
class TestCatchingUp(CatchingUpCase):
    """Hours of news that are learned in portions, after hours of downtime."""

    def test_a_journey_learned_in_portions_is_one_mail_about_its_end(self):
        rules = [self.rule(c) for c in ("picked_up", "out_for_delivery", "delivered")]
        shipment = self.make_shipment("N1")
        with self.unheard():
            for event in self.journey("N1", *USUAL):
                self.ingest(event)
                self.let_time_pass(shipment.effect_ids, 30)
                if event.code != Code.DELIVERED:
                    self.assertFalse(self.carry_out_mails(), event.code)
        self.let_time_pass(shipment.effect_ids, 30)
        self.assertEqual(len(self.carry_out_mails()), 1)
        self.assertEqual(self.effect(shipment, rules[2]).state, "done")
        self.assertEqual(
            {self.effect(shipment, rule).state for rule in rules[:2]}, {"overtaken"}
        )

    def test_of_a_journey_that_goes_on_the_newest_is_told_and_once(self):
        for code in ("picked_up", "out_for_delivery"):
            self.rule(code)
        shipment = self.make_shipment("N2")
        with self.unheard():
            self.ingest(self.event("N2", Code.PICKED_UP))
            self.carry_out_mails()
            self.ingest(self.event("N2", Code.OUT_FOR_DELIVERY, 60))
            self.carry_out_mails()
        self.let_time_pass(shipment.effect_ids, 30)
        (mail,) = self.carry_out_mails()
        self.assertIn("out for delivery", mail["subject"].lower())

    def test_what_has_only_just_happened_is_told_at_once(self):
        self.rule("out_for_delivery")
        self.make_shipment("N3")
        just_now = Datetime.now() - timedelta(minutes=10)
        event = self.event("N3", Code.OUT_FOR_DELIVERY)
        with self.unheard():
            self.ingest(
                event.model_copy(
                    update={
                        "occurred_at": just_now.replace(tzinfo=event.occurred_at.tzinfo)
                    }
                )
            )
            self.assertEqual(len(self.carry_out_mails()), 1)

    def test_nobody_is_given_an_exception_that_later_news_has_ended(self):
        shipment = self.make_shipment("N4")
        with self.unheard():
            self.ingest(self.event("N4", Code.CUSTOMS_HELD))
            self.carry_out()
            self.assertEqual(shipment.exception_ids.state, "open")
            self.assertFalse(shipment.activity_ids)
            self.ingest(self.event("N4", Code.CUSTOMS_CLEARED, 60))
        self.carry_out()
        self.assertEqual(shipment.exception_ids.state, "resolved")
        self.assertFalse(shipment.activity_ids)

    def test_what_is_still_wrong_when_all_is_heard_is_given_to_somebody(self):
        shipment = self.make_shipment("N5")
        with self.unheard():
            self.ingest(self.event("N5", Code.CUSTOMS_HELD))
            self.carry_out()
        self.carry_out()
        self.assertTrue(shipment.exception_ids.user_id)
        self.assertEqual(len(shipment.activity_ids), 1)


@tagged("post_install", "-at_install")
class TestStandstill(CatchingUpCase):
    """Silence is judged after listening."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls._registry_patched:
            # The watch works in transactions of its own, which see the test's.
            cls.registry_enter_test_mode_cls()
        cls.env["shipment.expectation"].search([]).active = False
        cls.env.ref("shipment_visibility.shipment_expectation_silence").write(
            {"active": True, "hours": 12}
        )
        cls.cron = cls.env.ref("shipment_visibility.ir_cron_shipment_watch")
        cls.silent = cls.make_shipment("S1")
        cls.ingest(cls.event("S1", Code.PICKED_UP))  # a day ago

    def watch(self, hours_late):
        """The cron runs, so much later than it was planned."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_cron SET nextcall = %s WHERE id = %s",
            [Datetime.now() - timedelta(hours=hours_late), self.cron.id],
        )
        self.env.invalidate_all()
        model = self.env["shipment.shipment"].with_context(cron_id=self.cron.id)
        model._cron_watch()
        self.env.invalidate_all()

    def let_an_hour_pass(self):
        parameters = self.env["ir.config_parameter"]
        name = "shipment_visibility.resumed_at"
        noted = Datetime.to_datetime(parameters.get_param(name))
        parameters.set_param(name, noted - timedelta(minutes=61))

    def test_who_was_away_listens_for_an_hour_before_judging_silence(self):
        self.watch(hours_late=9)
        self.assertFalse(self.silent.exception_ids)
        self.watch(hours_late=0)
        self.assertFalse(self.silent.exception_ids)
        self.let_an_hour_pass()
        self.watch(hours_late=0)
        self.assertEqual(self.silent.exception_ids.type_id.code, "silent")

    def test_a_watch_that_is_a_little_late_goes_on(self):
        self.watch(hours_late=0.5)
        self.assertEqual(self.silent.exception_ids.type_id.code, "silent")

    def test_what_may_have_news_is_looked_at_again_soon_and_not_judged(self):
        with self.unheard():
            self.watch(hours_late=0)
        self.assertFalse(self.silent.exception_ids)
        self.assertGreater(self.silent.watch_at, Datetime.now())
        self.assertLess(self.silent.watch_at, Datetime.now() + timedelta(minutes=10))
        self.silent.watch_at = Datetime.now()
        self.watch(hours_late=0)
        self.assertEqual(self.silent.exception_ids.type_id.code, "silent")
