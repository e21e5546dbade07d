from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import WebhookCommon

HIDDEN = ("secret", "previous_secret", "token", "url")


@tagged("post_install", "-at_install")
class TestSecurity(WebhookCommon, TransactionCase):
    """Secrets stay with the system administrator, receipts with the managers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "webhook-manager",
            groups="base.group_user,base.group_allow_export,"
            "shipment_visibility.shipment_group_manager",
        )
        cls.worker = new_test_user(
            cls.env,
            "webhook-worker",
            groups="base.group_user,stock.group_stock_user",
        )
        cls.endpoint.action_rotate_secret()

    def test_manager_sees_the_endpoint_but_nothing_secret(self):
        endpoint = self.endpoint.with_user(self.manager)
        self.assertTrue(endpoint.name)
        for name in HIDDEN:
            with self.subTest(field=name):
                self.assertNotIn(name, endpoint.fields_get())
                with self.assertRaises(AccessError):
                    endpoint.read([name])
                with self.assertRaises(AccessError):
                    endpoint.web_read({name: {}})
                with self.assertRaises(AccessError):
                    endpoint.export_data([name])
        for name in ("secret", "previous_secret", "token"):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    endpoint.search([(name, "like", "a")])
                with self.assertRaises(AccessError):
                    endpoint.search([], order=f"{name} desc")
                with self.assertRaises(AccessError):
                    endpoint.formatted_read_group([], [name], ["__count"])

    def test_manager_changes_no_endpoint(self):
        endpoint = self.endpoint.with_user(self.manager)
        for change in (
            endpoint.action_rotate_secret,
            endpoint.action_remove_previous_secret,
            endpoint.unlink,
            lambda: endpoint.write({"active": False}),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_manager_reads_receipts_without_their_content(self):
        receipt = self.store(self.message("delivered"))
        receipt = receipt.with_user(self.manager)
        self.assertEqual(receipt.read(["state"])[0]["state"], "received")
        for name in ("body", "headers"):
            with self.assertRaises(AccessError):
                receipt.read([name])
        with self.assertRaises(AccessError):
            receipt.write({"state": "done"})

    def test_manager_opens_the_forms(self):
        receipt = self.store(self.message("delivered"))
        for record in (receipt, self.endpoint):
            record = record.with_user(self.manager)
            view = record.get_views([(False, "form"), (False, "list")])
            names = view["models"][record._name]["fields"]
            self.assertTrue(set(HIDDEN).isdisjoint(names))
            shown = record.web_read({name: {} for name in names})[0]
            self.assertNotIn(self.endpoint.secret, str(shown))

    def test_worker_reads_accounts_but_no_endpoint(self):
        account = self.account.with_user(self.worker).read()[0]
        self.assertNotIn("webhook_endpoint_ids", account)

    def test_worker_reads_nothing(self):
        receipt = self.store(self.message("delivered")).with_user(self.worker)
        for record in (receipt, self.endpoint.with_user(self.worker)):
            with self.assertRaises(AccessError):
                record.read(["id"])
        with self.assertRaises(AccessError):
            receipt.action_replay()

    def test_receipts_of_another_company_are_hidden(self):
        receipt = self.store(self.message("delivered"))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        manager = new_test_user(
            self.env,
            "webhook-elsewhere",
            groups="base.group_user,shipment_visibility.shipment_group_manager",
            company_id=elsewhere.id,
            company_ids=[elsewhere.id],
        )
        for record in (receipt, self.endpoint):
            found = record.with_user(manager).search([("id", "in", record.ids)])
            self.assertFalse(found)
        with self.assertRaises(AccessError):
            receipt.with_user(manager).action_replay()
