import base64
import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.sql import column_exists

from .outgoing_common import OutgoingCommon

SECRETS = ("secret", "previous_secret")


@tagged("post_install", "-at_install")
class TestSubscription(OutgoingCommon, TransactionCase):
    """Who subscribes, and with which rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "subscription-manager",
            groups="base.group_user,base.group_allow_export,"
            "shipment_visibility.shipment_group_manager",
        )
        cls.worker = new_test_user(
            cls.env,
            "subscription-worker",
            groups="base.group_user,stock.group_stock_user",
        )

    def new(self, url, **values):
        return self.env["shipment.subscription"].create(
            {"name": "New", "url": url, **values}
        )

    def test_a_manager_subscribes_a_system_on_the_form(self):
        model = self.env["shipment.subscription"].with_user(self.manager)
        with Form(model) as form:
            form.name = "Web shop"
            form.url = "https://shop.example.com/events"
        subscription = form.record
        self.assertEqual(subscription.user_id, self.manager)
        self.assertFalse(subscription.has_secret)
        shown = subscription.action_new_secret()["context"]["default_secret"]
        self.assertEqual(len(base64.b64decode(shown.removeprefix("whsec_"))), 32)
        self.assertTrue(subscription.has_secret)

    def test_a_secret_is_shown_once_and_never_read(self):
        shown = self.subscription.action_new_secret()["context"]["default_secret"]
        for user in (self.manager, self.env.ref("base.user_admin")):
            subscription = self.subscription.with_user(user)
            for name in SECRETS:
                with self.subTest(user=user.login, field=name):
                    self.assertNotIn(name, subscription.fields_get())
                    with self.assertRaises(AccessError):
                        subscription.read([name])
                    with self.assertRaises(AccessError):
                        subscription.web_read({name: {}})
                    with self.assertRaises(AccessError):
                        subscription.export_data([name])
                    with self.assertRaises(AccessError):
                        subscription.search([(name, "like", "whsec")])
                    with self.assertRaises(AccessError):
                        subscription.search([], order=name)
                    with self.assertRaises(AccessError):
                        subscription.write({name: "whsec_AAAA"})
            self.assertNotIn(shown, str(subscription.read()))
        self.assertNotIn(shown, str(self.subscription.message_ids.mapped("body")))
        dialogs = self.env["shipment.subscription.secret"].with_user(self.manager)
        form = Form(dialogs.with_context(default_secret=shown))
        self.assertEqual(form.secret, shown)
        self.assertFalse(
            column_exists(self.env.cr, dialogs._table, "secret"),
            "the dialog stores nothing",
        )

    def test_a_copy_has_no_secret(self):
        copy = self.subscription.copy()
        self.assertFalse(copy.has_secret)
        self.assertFalse(copy.last_success_at)

    def test_a_worker_sees_no_subscription(self):
        with self.assertRaises(AccessError):
            self.subscription.with_user(self.worker).read(["name"])
        with self.assertRaises(AccessError):
            self.subscription.with_user(self.worker).action_new_secret()

    def test_addresses_that_lead_nowhere_good_are_refused(self):
        for url in (
            "shop.example.com",
            "http://shop.example.com/",
            "https://user:hunter2@shop.example.com/",
            "https://shop.example.com:25/",
            "https://127.0.0.1/",
            "https://[::ffff:10.0.0.1]/",
        ):
            with self.subTest(url=url), self.assertRaises(ValidationError) as caught:
                self.new(url)
            self.assertNotIn("hunter2", str(caught.exception))
        self.assertTrue(self.new("https://shop.example.com:8443/events"))
        self.assertTrue(self.new("http://10.0.0.7:90/", allow_private_addresses=True))

    @mute_logger("odoo.orm.models")
    def test_only_a_system_administrator_opens_the_private_network(self):
        subscription = self.new("https://shop.example.com/").with_user(self.manager)
        with self.assertRaises(AccessError):
            subscription.write({"allow_private_addresses": True})
        with self.assertRaises(AccessError):
            subscription.create(
                {"name": "A", "url": "http://10.0.0.1", "allow_private_addresses": True}
            )

    def test_what_may_reach_the_private_network_is_not_pointed_elsewhere(self):
        subscription = self.subscription.with_user(self.manager)
        with self.assertRaises(AccessError):
            subscription.write({"url": "http://127.0.0.1:5432/"})
        subscription.write({"name": "Another name"})

    def test_a_copy_does_not_open_the_private_network_to_who_may_not(self):
        public = self.new("https://shop.example.com/").with_user(self.manager)
        self.assertTrue(public.copy())
        private = self.subscription.with_user(self.manager)
        for default in ({}, {"url": "http://127.0.0.1:5432/"}):
            with self.assertRaises(ValidationError):
                private.copy(default)
        admin = self.env.ref("base.user_admin")
        copy = self.subscription.with_user(admin).copy()
        self.assertTrue(copy.allow_private_addresses)

    def test_what_was_told_of_one_company_is_not_handed_to_another(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        fresh = self.new("https://shop.example.com/", user_id=False)
        fresh.company_id = elsewhere
        self.ingest(self.event("picked_up"))
        self.subscription.user_id = False
        self.subscription.company_id = self.subscription.company_id
        with self.assertRaises(UserError):
            self.subscription.company_id = elsewhere

    def test_a_test_event_says_what_came_of_it(self):
        answer = self.subscription.with_user(self.manager).action_send_test()
        self.assertEqual(answer["params"]["type"], "success")
        [(headers, body)] = self.receiver.messages
        self.assertEqual(json.loads(body)["type"], "shipment.test")
        self.assertTrue(self.signature_holds(headers, body, self.secrets()[0]))
        self.receiver.answers = [(401, {})]
        answer = self.subscription.action_send_test()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertIn("401", answer["params"]["message"])
        self.assertFalse(self.outbox())

    def test_a_test_event_needs_a_secret(self):
        with self.assertRaises(UserError):
            self.new("https://shop.example.com/").action_send_test()

    def test_a_responsible_who_may_not_look_does_not_stop_it(self):
        self.subscription.user_id = self.worker
        self.ingest(self.event("picked_up"))
        self.receiver.answers = [(410, {})]
        with mute_logger(
            "odoo.addons.shipment_visibility_webhooks.models."
            "shipment_subscription_health"
        ):
            self.send()
        self.assertEqual(self.subscription.status, "disabled")

    def test_a_manager_opens_the_forms(self):
        self.ingest(self.event("picked_up"))
        for record in (self.subscription, self.outbox()):
            record = record.with_user(self.manager)
            view = record.get_views([(False, "form"), (False, "list")])
            names = view["models"][record._name]["fields"]
            self.assertTrue(set(SECRETS).isdisjoint(names))
            shown = str(record.web_read({name: {} for name in names}))
            self.assertNotIn(self.secrets()[0], shown)
            self.assertNotIn("allow_private_addresses", shown)
