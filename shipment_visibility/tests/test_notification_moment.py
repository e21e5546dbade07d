from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo.exceptions import ValidationError
from odoo.fields import Datetime
from odoo.tests import tagged

from ..canonical.milestone import Code
from .test_notification import NotificationCase


@tagged("post_install", "-at_install")
class TestNotificationMoment(NotificationCase):
    def reason(self, shipment, rule, state):
        effect = self.effect(shipment, rule)
        self.assertEqual(effect.state, state)
        return effect.outcome

    # === WHO IS NOT WRITTEN TO === #

    def test_who_does_not_want_mails_gets_none(self):
        rule = self.rule("delivered")
        self.customer.shipment_notify = False
        shipment = self.arrive(Code.DELIVERED)
        self.assertFalse(self.carry_out_mails())
        self.assertIn("does not want", self.reason(shipment, rule, "skipped"))

    def test_a_company_speaks_for_its_contacts(self):
        rule = self.rule("delivered")
        contact = self.env["res.partner"].create(
            {
                "name": "Ann",
                "parent_id": self.customer.id,
                "email": "ann@example.com",
            }
        )
        self.assertTrue(contact.shipment_notify)
        self.customer.shipment_notify = False
        shipment = self.make_shipment("N1", partner_id=contact.id)
        self.arrive(Code.DELIVERED, shipment=shipment)
        self.assertFalse(self.carry_out_mails())
        self.assertIn("does not want", self.reason(shipment, rule, "skipped"))

    def test_a_contact_without_an_address_is_told_at_the_companys(self):
        self.rule("delivered")
        contact = self.env["res.partner"].create(
            {"name": "Dock 4", "parent_id": self.customer.id, "email": False}
        )
        contact.email = False
        shipment = self.make_shipment("N1", partner_id=contact.id)
        self.arrive(Code.DELIVERED, shipment=shipment)
        (mail,) = self.carry_out_mails()
        self.assertIn("customer@example.com", mail["email_to"][0])

    def test_without_any_address_there_is_a_reason(self):
        rule = self.rule("delivered")
        self.customer.email = False
        shipment = self.arrive(Code.DELIVERED)
        self.assertFalse(self.carry_out_mails())
        self.assertIn("no mail address", self.reason(shipment, rule, "skipped"))

    def test_odoos_own_mail_and_ours_are_never_both_sent(self):
        rule = self.rule("picked_up")
        later = self.rule("out_for_delivery")
        self.company.stock_move_email_validation = True
        order = self.make_order()
        with self.mock_mail_gateway():
            shipment = self.validate(order.picking_ids)
            self.assertEqual(len(self._mails), 1)
        order.picking_ids.carrier_tracking_ref = "N1"
        self.ingest(*self.journey("N1", Code.PICKED_UP))
        self.assertFalse(self.carry_out_mails())
        self.assertIn("Odoo's own mail", self.reason(shipment, rule, "skipped"))
        self.ingest(self.event("N1", Code.OUT_FOR_DELIVERY, 90))
        self.assertEqual(len(self.carry_out_mails()), 1)
        self.assertEqual(self.effect(shipment, later).state, "done")

    def test_the_ready_mails_are_not_sent_about_returns(self):
        rule = self.rule("delivered", direction=False)
        shipment = self.make_shipment("N1", direction="return")
        self.arrive(Code.DELIVERED, shipment=shipment)
        self.assertFalse(self.carry_out_mails())
        self.assertIn("choose a mail", self.reason(shipment, rule, "skipped"))

    # === ONE AT A TIME, THE NEWEST WINS === #

    def test_of_two_that_wait_the_newest_is_sent(self):
        first = self.rule("out_for_delivery")
        second = self.rule("attempt_failed")
        shipment = self.arrive(Code.OUT_FOR_DELIVERY, Code.ATTEMPT_FAILED)
        (mail,) = self.carry_out_mails()
        self.assertIn("did not work out", mail["subject"])
        self.assertIn("newer news", self.reason(shipment, first, "overtaken"))
        self.assertEqual(self.effect(shipment, second).state, "done")

    def test_late_news_of_the_past_is_not_mailed_after_the_newer(self):
        late = self.rule("out_for_delivery")
        self.rule("attempt_failed")
        shipment = self.make_shipment("N1")
        self.ingest(self.event("N1", Code.ATTEMPT_FAILED, 60))
        self.assertEqual(len(self.carry_out_mails()), 1)
        self.ingest(self.event("N1", Code.OUT_FOR_DELIVERY))
        self.let_time_pass(shipment.effect_ids, 60)
        self.assertFalse(self.carry_out_mails())
        self.assertIn("newer news", self.reason(shipment, late, "overtaken"))

    def test_the_second_mail_waits_for_a_quarter_of_an_hour(self):
        first = self.rule("out_for_delivery")
        second = self.rule("attempt_failed")
        shipment = self.arrive(Code.OUT_FOR_DELIVERY)
        self.assertEqual(len(self.carry_out_mails()), 1)
        self.ingest(self.event("N1", Code.ATTEMPT_FAILED, 60))
        self.assertFalse(self.carry_out_mails())
        self.assertIn("few minutes ago", self.reason(shipment, second, "waiting"))
        sent_at = self.effect(shipment, first).done_at
        self.assertEqual(
            self.effect(shipment, second).due_at, sent_at + timedelta(minutes=15)
        )
        self.let_time_pass(shipment.effect_ids, 16)
        self.assertEqual(len(self.carry_out_mails()), 1)

    def test_what_a_rule_sent_before_it_was_switched_off_counts(self):
        first = self.rule("out_for_delivery")
        second = self.rule("attempt_failed")
        shipment = self.arrive(Code.OUT_FOR_DELIVERY)
        self.assertEqual(len(self.carry_out_mails()), 1)
        first.active = False
        self.ingest(self.event("N1", Code.ATTEMPT_FAILED, 60))
        self.assertFalse(self.carry_out_mails())
        self.assertIn("few minutes ago", self.reason(shipment, second, "waiting"))

    def test_another_shipment_does_not_wait(self):
        self.rule("delivered")
        self.arrive(Code.DELIVERED)
        self.arrive(Code.DELIVERED, number="N2")
        self.assertEqual(len(self.carry_out_mails()), 2)

    def test_two_rules_for_the_same_news_send_one_mail(self):
        self.rule("delivered")
        twin = self.rule("delivered", sequence=99)
        shipment = self.arrive(Code.DELIVERED)
        self.assertEqual(len(self.carry_out_mails()), 1)
        self.let_time_pass(shipment.effect_ids, 60)
        self.assertFalse(self.carry_out_mails())
        self.assertIn("already", self.reason(shipment, twin, "skipped"))

    def test_final_news_overtakes_what_still_waits(self):
        rule = self.rule("out_for_delivery")
        shipment = self.arrive(Code.OUT_FOR_DELIVERY)
        self.quieten("Europe/Paris")
        self.assertFalse(self.carry_out_mails())
        self.assertEqual(self.effect(shipment, rule).state, "waiting")
        self.ingest(self.event("N1", Code.DELIVERED, 60))
        self.let_time_pass(shipment.effect_ids, 0)
        self.assertFalse(self.carry_out_mails())
        self.assertIn("delivered", self.reason(shipment, rule, "overtaken"))

    # === QUIET HOURS === #

    def quieten(self, zone):
        """Let it be quiet for the hours around the present one of a time zone."""
        hour = datetime.now(ZoneInfo(zone)).hour
        self.company.write(
            {
                "shipment_quiet_from": (hour - 1) % 24,
                "shipment_quiet_to": (hour + 2) % 24,
            }
        )

    def test_in_quiet_hours_the_mail_waits(self):
        rule = self.rule("delivered")
        self.customer.tz = "Asia/Tokyo"
        self.quieten("Asia/Tokyo")
        shipment = self.arrive(Code.DELIVERED)
        self.assertFalse(self.carry_out_mails())
        self.assertIn("Asia/Tokyo", self.reason(shipment, rule, "waiting"))
        due_at = self.effect(shipment, rule).due_at
        self.assertGreater(due_at, Datetime.now() + timedelta(hours=1))
        self.assertLessEqual(due_at, Datetime.now() + timedelta(hours=2))
        self.company.shipment_quiet_to = self.company.shipment_quiet_from
        self.let_time_pass(shipment.effect_ids, 0)
        self.assertEqual(len(self.carry_out_mails()), 1)

    def test_it_is_quiet_where_the_customer_is(self):
        self.rule("delivered")
        self.customer.tz = "Europe/Paris"
        self.quieten("Asia/Tokyo")
        self.arrive(Code.DELIVERED)
        self.assertEqual(len(self.carry_out_mails()), 1)

    def test_whose_zone_is_unknown_lives_where_we_do(self):
        shipment = self.make_shipment("N1", warehouse_id=self.warehouse.id)
        self.customer.tz = False
        self.company.partner_id.tz = "Europe/Brussels"
        self.assertEqual(shipment._notification_zone(), "Europe/Brussels")
        self.company.partner_id.tz = False
        self.warehouse.partner_id = self.env["res.partner"].create(
            {"name": "Dock", "tz": "Asia/Kolkata"}
        )
        self.assertEqual(shipment._notification_zone(), "Asia/Kolkata")
        self.warehouse.partner_id.tz = False
        self.assertEqual(shipment._notification_zone(), "UTC")

    def test_quiet_hours_end_by_the_clock_on_the_wall(self):
        self.company.write({"shipment_quiet_from": 21.0, "shipment_quiet_to": 7.5})
        zone = "Europe/Paris"
        for now, until in (
            ((2025, 1, 10, 19, 59), None),
            ((2025, 1, 10, 20, 0), (2025, 1, 11, 6, 30)),
            ((2025, 1, 11, 6, 29), (2025, 1, 11, 6, 30)),
            ((2025, 1, 11, 6, 30), None),
            # In the night to March 30 the clocks of Paris are put forward.
            ((2025, 3, 29, 23, 0), (2025, 3, 30, 5, 30)),
        ):
            with self.subTest(now=now):
                self.assertEqual(
                    self.company._shipment_quiet_until(zone, datetime(*now)),
                    until and datetime(*until),
                )
        self.company.write({"shipment_quiet_from": 12.0, "shipment_quiet_to": 14.0})
        noon = datetime(2025, 1, 10, 12, 30)
        self.assertEqual(
            self.company._shipment_quiet_until("UTC", noon), datetime(2025, 1, 10, 14)
        )
        self.company.shipment_quiet_to = 12.0
        self.assertIsNone(self.company._shipment_quiet_until("UTC", noon))

    def test_quiet_hours_are_hours_of_a_day(self):
        with self.assertRaises(ValidationError):
            self.company.shipment_quiet_to = 24.5
