import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from odoo.exceptions import ValidationError
from odoo.fields import Datetime
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.mail.tests.common import MockEmail

from ..canonical.milestone import Code
from ..canonical.schema import Precision
from ..models.shipment_rule_notification import TEMPLATES
from .common import ShipmentCase


class NotificationCase(MockEmail, ShipmentCase):
    """A company that writes to its customers, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["shipment.rule"].search([]).active = False
        cls.company.email = "shop@example.com"
        cls.company.phone = "+33 1 23 45 67 89"
        cls.customer.tz = "Europe/Paris"

    @classmethod
    def rule(cls, code, **values):
        return cls.env["shipment.rule"].create(
            {
                "name": f"Tell of {code}",
                "code": code,
                "effect": "notify_customer",
                "activated_at": Datetime.now() - timedelta(days=7),
                **values,
            }
        )

    def carry_out_mails(self):
        """Carry out what waits; return the mails that left."""
        with self.mock_mail_gateway():
            self.carry_out()
        return self._mails

    def effect(self, shipment, rule):
        return shipment.effect_ids.filtered(lambda e: e.rule_id == rule)

    def let_time_pass(self, effects, minutes):
        """Move what was done so many minutes into the past."""
        for effect in effects.filtered("done_at"):
            effect.done_at -= timedelta(minutes=minutes)
        self.env["shipment.effect"].search([("due_at", "!=", False)]).due_at = False

    def arrive(self, *codes, number="N1", shipment=None):
        """A shipment that has been where the codes say."""
        shipment = shipment or self.make_shipment(number)
        self.ingest(*self.journey(number, *codes))
        return shipment


@tagged("post_install", "-at_install")
class TestNotification(NotificationCase):
    def test_the_customer_alone_is_told_once(self):
        rule = self.rule("delivered")
        shipment = self.make_shipment("N1")
        follower = new_test_user(self.env, "follower", email="follower@example.com")
        shipment.message_subscribe(follower.partner_id.ids)
        self.arrive(Code.DELIVERED, shipment=shipment)
        (mail,) = self.carry_out_mails()
        self.assertEqual(
            mail["email_to"], ['"Example Customer" <customer@example.com>']
        )
        self.assertIn("shop@example.com", mail["email_from"])
        self.assertEqual(mail["subject"], f"Shipment {shipment.name}: delivered")
        effect = self.effect(shipment, rule)
        self.assertEqual(
            (effect.state, effect.outcome), ("done", "Sent to customer@example.com")
        )
        message = shipment.message_ids.filtered(
            lambda m: "has been delivered" in (m.body or "")
        )
        self.assertEqual(message.notified_partner_ids, self.customer)
        self.assertFalse(message.is_internal)

    def test_trying_again_sends_no_second_mail(self):
        rule = self.rule("delivered")
        shipment = self.arrive(Code.DELIVERED)
        self.assertEqual(len(self.carry_out_mails()), 1)
        self.effect(shipment, rule).action_retry()
        self.ingest(self.event("N1", Code.DELIVERED, 30))
        self.let_time_pass(shipment.effect_ids, 60)
        self.assertFalse(self.carry_out_mails())

    def test_the_mail_names_the_order_the_parcels_and_whom_to_ask(self):
        self.rule("out_for_delivery")
        order = self.make_order(client_order_ref="PO-77")
        shipment = self.validate(order.picking_ids)
        order.picking_ids.carrier_tracking_ref = "N1,N2"
        self.carrier.tracking_url = "https://post.example/{tracking_number}"
        tomorrow = Datetime.now() + timedelta(days=1)
        shipment.promised_at = tomorrow
        self.ingest(*self.journey("N1", Code.OUT_FOR_DELIVERY))
        self.ingest(*self.journey("N2", Code.OUT_FOR_DELIVERY))
        (mail,) = self.carry_out_mails()
        self.assertEqual(mail["subject"], f"Order {order.name}: out for delivery")
        body = mail["body"]
        for text in (
            order.name,
            "PO-77",
            "Test Post",
            "https://post.example/N1",
            "https://post.example/N2",
            shipment._notification_day(tomorrow),
            self.company.name,
            "+33 1 23 45 67 89",
            "shop@example.com",
        ):
            self.assertIn(text, body)

    def test_every_ready_mail_tells_the_news_first(self):
        shipment = self.make_shipment("N1")
        for xmlid in TEMPLATES.values():
            template = self.env.ref(xmlid)
            with self.subTest(template=template.name), self.mock_mail_gateway():
                shipment.message_post_with_source(template)
                body = self._mails[0]["body"]
                text = re.sub(r"<[^>]+>|\s+", " ", body.split("</head>")[1])
                first, _, rest = text.partition("Follow your shipment")
                self.assertIn("shipment", first)
                self.assertIn("N1", rest)
                self.assertNotIn("False", text)

    def test_the_mail_speaks_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self.env.ref(TEMPLATES["delivered"]).with_context(lang="fr_FR")
        template.subject = "{{ object._notification_reference() }} : livré"
        template.body_html = (
            "<p>Votre envoi est arrivé le "
            "<t t-out=\"object._notification_moment('delivered')\"/>.</p>"
        )
        layout = self.env.ref("shipment_visibility.shipment_mail_layout")
        layout.update_field_translations(
            "arch_db", {"fr_FR": {"View your shipment": "Voir votre envoi"}}
        )
        self.rule("delivered")
        shipment = self.arrive(Code.DELIVERED)
        (mail,) = self.carry_out_mails()
        self.assertTrue(mail["subject"].endswith(f"{shipment.name} : livré"))
        self.assertIn("Votre envoi est arrivé", mail["body"])
        self.assertIn('lang="fr-FR"', mail["body"])
        self.assertIn("Voir votre envoi", mail["body"])
        months = "janvier février mars avril mai juin juillet août septembre octobre "
        months += "novembre décembre"
        month = months.split()[shipment.delivered_at.month - 1]
        self.assertIn(month, mail["body"])

    def test_times_are_the_customers(self):
        self.customer.tz = "Asia/Tokyo"
        shipment = self.make_shipment("N1")
        evening = datetime(2025, 3, 1, 20, 30, tzinfo=UTC)
        event = self.event("N1", Code.DELIVERED)
        self.ingest(event.model_copy(update={"occurred_at": evening}))
        moment = shipment._notification_moment("delivered")
        self.assertIn("March 2, 2025", moment)
        self.assertIn("5:30", moment)

    def test_a_day_without_an_hour_stays_that_day(self):
        self.customer.tz = "America/Los_Angeles"
        shipment = self.make_shipment("N1")
        event = self.event("N1", Code.DELIVERED, precision=Precision.DAY)
        midnight = event.occurred_at.replace(hour=0, minute=0, second=0)
        self.ingest(event.model_copy(update={"occurred_at": midnight}))
        moment = shipment._notification_moment("delivered")
        self.assertIn(f" {midnight.day}, {midnight.year}", moment)
        self.assertNotIn(":", moment)

    def test_what_was_expected_earlier_is_not_promised_any_more(self):
        shipment = self.make_shipment("N1", promised_at=Datetime.now())
        shipment.promised_at -= timedelta(days=1)
        self.assertFalse(shipment._notification_expected())
        shipment.promised_at += timedelta(days=3)
        self.assertTrue(shipment._notification_expected())
        self.arrive(Code.DELIVERED, shipment=shipment)
        self.assertFalse(shipment._notification_expected())

    def test_after_a_setback_an_old_promise_is_not_repeated(self):
        soon = Datetime.now() + timedelta(days=2)
        shipment = self.make_shipment("N1", promised_at=soon)
        self.ingest(self.event("N1", Code.IN_TRANSIT))
        self.assertTrue(shipment._notification_expected())
        self.ingest(self.event("N1", Code.DELAYED, 30))
        self.assertFalse(shipment._notification_expected())
        late = (soon + timedelta(days=2)).date()
        self.ingest(self.event("N1", Code.IN_TRANSIT, 60, estimated_date=late))
        self.assertIn(f" {late.day}, {late.year}", shipment._notification_expected())

    def test_whoever_picks_up_is_told_where(self):
        self.rule("available_for_pickup")
        self.arrive(Code.AVAILABLE_FOR_PICKUP)
        (mail,) = self.carry_out_mails()
        self.assertIn("Lyon", mail["body"])

    def test_a_rule_may_name_a_mail_of_its_own(self):
        own = self.env["mail.template"].create(
            {
                "name": "Own",
                "model_id": self.env.ref(
                    "shipment_visibility.model_shipment_shipment"
                ).id,
                "subject": "In our own words",
                "body_html": "<p>Hello</p>",
                "email_from": "{{ object.company_id.email_formatted }}",
            }
        )
        self.rule("delivered", mail_template_id=own.id)
        self.arrive(Code.DELIVERED)
        (mail,) = self.carry_out_mails()
        self.assertEqual(mail["subject"], "In our own words")
        self.assertIn("customer@example.com", mail["email_to"][0])

    def test_internal_news_is_not_mailed_to_customers(self):
        with self.assertRaisesRegex(ValidationError, "not for customers"):
            self.rule("lost")
        with self.assertRaisesRegex(ValidationError, "choose a mail template"):
            self.rule("arrived")
        foreign = self.env["mail.template"].search(
            [("model", "!=", "shipment.shipment")], limit=1
        )
        with self.assertRaisesRegex(ValidationError, "not about shipments"):
            self.rule("delivered", mail_template_id=foreign.id)

    def test_a_company_without_an_address_says_so(self):
        rule = self.rule("delivered")
        self.company.email = False
        self.company.alias_domain_id = False
        shipment = self.arrive(Code.DELIVERED)
        self.assertFalse(self.carry_out_mails())
        effect = self.effect(shipment, rule)
        self.assertEqual(effect.state, "failed")
        self.assertIn("no mail address", effect.outcome)

    def test_rules_for_customers_come_switched_off(self):
        for code in (
            "out_for_delivery",
            "available_for_pickup",
            "attempt_failed",
            "delivered",
            "delayed",
        ):
            rule = self.env.ref(f"shipment_visibility.shipment_rule_notify_{code}")
            self.assertEqual((rule.code, rule.effect), (code, "notify_customer"))
            self.assertFalse(rule.active)
            self.assertEqual(rule.hourly_cap, 500)


@tagged("post_install", "-at_install")
class TestNotificationLink(HttpCase, NotificationCase):
    def test_the_button_opens_the_page_for_whoever_holds_the_mail(self):
        self.rule("delivered")
        shipment = self.arrive(Code.DELIVERED)
        (mail,) = self.carry_out_mails()
        (url,) = re.findall(r'href="([^"]*/my/shipments/[^"]*)"', mail["body"])
        address = urlsplit(url.replace("&amp;", "&"))
        self.assertTrue(address.scheme and address.netloc)
        page = self.url_open(f"{address.path}?{address.query}")
        self.assertIn(shipment.name, page.text)
        self.assertIn("Delivered", page.text)
        self.assertNotIn(shipment.name, self.url_open(address.path).text)
