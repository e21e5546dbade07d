from odoo.exceptions import ValidationError
from odoo.tests import Form, TransactionCase, tagged

from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestEndpoint(WebhookCommon, TransactionCase):
    """An endpoint as an administrator makes it."""

    def test_new_endpoint_is_ready_to_be_given_to_the_carrier(self):
        self.assertEqual(self.endpoint.scheme, "hmac_sha256")
        self.assertTrue(self.endpoint.url.endswith(f"/{self.endpoint.token}"))
        self.assertTrue(self.endpoint.url.startswith(self.endpoint.get_base_url()))
        self.assertGreaterEqual(len(self.endpoint.secret), 32)
        self.assertFalse(self.endpoint.previous_secret)

    def test_form_asks_only_for_name_and_account(self):
        form = Form(self.env["shipment.webhook.endpoint"])
        form.name = "By hand"
        form.account_id = self.account
        endpoint = form.save()
        self.assertEqual(endpoint.scheme, "hmac_sha256")
        self.assertTrue(endpoint.secret)
        self.assertIn(endpoint.token, endpoint.url)

    def test_token_spells_nothing(self):
        self.assertRegex(self.endpoint.token, r"^[0-9]{40}$")

    def test_copy_shares_neither_address_nor_secret(self):
        copy = self.endpoint.copy()
        self.assertNotEqual(copy.token, self.endpoint.token)
        self.assertNotEqual(copy.secret, self.endpoint.secret)

    def test_only_open_doors_are_known(self):
        doors = self.env["shipment.webhook.endpoint"]._doors
        self.assertIn(self.endpoint.token, doors())
        self.endpoint.active = False
        self.assertNotIn(self.endpoint.token, doors())
        self.endpoint.active = True
        self.endpoint.secret = "other"
        self.assertEqual(doors()[self.endpoint.token].secrets, ("other",))
        token = self.endpoint.token
        self.endpoint.unlink()
        self.assertNotIn(token, doors())

    def test_door_does_not_show_its_secrets(self):
        door = self.env["shipment.webhook.endpoint"]._doors()[self.endpoint.token]
        self.assertNotIn(self.endpoint.secret, repr(door))

    def test_account_opens_its_only_endpoint(self):
        action = self.account.action_view_webhook_endpoints()
        self.assertEqual(action["res_id"], self.endpoint.id)
        self.assertEqual(self.account.webhook_endpoint_count, 1)

    def test_account_without_webhooks_has_no_endpoint(self):
        adapter = self.account._adapter_class()
        self.patch(adapter, "capabilities", classmethod(lambda cls: frozenset()))
        with self.assertRaises(ValidationError):
            self.endpoint.copy()

    def test_the_page_says_what_came_in(self):
        self.assertFalse(self.endpoint.last_received_at)
        for code, days in (("picked_up", 8), ("departed", 2), ("delivered", 0)):
            receipt = self.store(self.message(code))
            self.age(receipt, days=days)
        self.assertEqual(self.endpoint.last_received_at, receipt.create_date)
        self.assertEqual(self.endpoint.received_last_hour, 1)
        self.assertEqual(self.endpoint.received_today, 1)
        self.assertEqual(self.endpoint.received_this_week, 2)
        self.assertEqual(self.endpoint.waiting_count, 3)

    def test_the_page_has_the_newest_messages_of_its_own(self):
        other = self.endpoint.copy()
        self.env["shipment.webhook.receipt"]._store(other.id, b"{}", {})
        expected = self.env["shipment.webhook.receipt"]
        for number in range(12):
            receipt = self.store(self.message("delivered", id=str(number)))
            self.age(receipt, minutes=number)
            expected |= receipt
        self.assertEqual(self.endpoint.recent_receipt_ids, expected[:10])
        self.assertEqual(len(other.recent_receipt_ids), 1)

    def test_many_pages_cost_no_more_queries_than_one(self):
        def count(endpoints):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            for name in ("last_received_at", "received_today", "recent_receipt_ids"):
                endpoints.mapped(name)
            return self.env.cr.sql_log_count - before

        endpoints = self.endpoint
        for number in range(5):
            endpoints |= self.endpoint.copy({"name": str(number)})
        count(endpoints)
        self.assertEqual(count(endpoints), count(self.endpoint))

    def test_the_buttons_open_what_they_count(self):
        action = self.endpoint.with_context(receipt_state="dead").action_view_receipts()
        self.assertEqual(action["domain"], [("endpoint_id", "=", self.endpoint.id)])
        self.assertEqual(action["context"], {"search_default_dead": 1})
        self.assertEqual(self.endpoint.action_view_receipts()["context"], {})
