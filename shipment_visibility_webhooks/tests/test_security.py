from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import WebhookCommon

HIDDEN = (
    "secret",
    "previous_secret",
    "secret_hint",
    "previous_secret_hint",
    "new_secret",
    "token",
    "url",
    "allowed_networks",
)


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
        cls.administrator = new_test_user(
            cls.env,
            "webhook-administrator",
            groups="base.group_system,base.group_allow_export,"
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

    def test_administrator_reads_no_secret_by_any_way(self):
        endpoint = self.endpoint.with_user(self.administrator)
        for name in ("secret", "previous_secret", "is_secret_new"):
            with self.subTest(field=name):
                self.assertNotIn(name, endpoint.fields_get())
                for use in (
                    lambda name: endpoint.read([name]),
                    lambda name: endpoint.web_read({name: {}}),
                    lambda name: endpoint.export_data([name]),
                    lambda name: endpoint.search([(name, "!=", False)]),
                    lambda name: endpoint.search([], order=f"{name} desc"),
                    lambda name: endpoint.formatted_read_group([], [name], ["__count"]),
                    lambda name: endpoint.write({name: "mine"}),
                ):
                    with self.assertRaises(AccessError):
                        use(name)
        self.assertNotIn(self.endpoint.secret, str(endpoint.read()))
        self.assertNotIn(self.endpoint.previous_secret, str(endpoint.read()))

    def test_secret_that_is_typed_is_not_in_the_answer(self):
        endpoint = self.endpoint.with_user(self.administrator)
        typed = "typed-by-an-administrator"
        answer = endpoint.web_save(
            {"new_secret": typed}, {"new_secret": {}, "secret_hint": {}}
        )
        self.assertEqual(self.endpoint.secret, typed)
        self.assertFalse(answer[0]["new_secret"])
        self.assertEqual(answer[0]["secret_hint"], "ends in …ator")
        self.assertNotIn(typed, str(answer))

    def test_secret_is_stored_nowhere_else(self):
        action = self.endpoint.with_user(self.administrator)
        action.action_remove_previous_secret()
        secret = action.action_rotate_secret()["context"]["default_secret"]
        dialog = (
            self.env["shipment.webhook.secret"]
            .with_user(self.administrator)
            .create({"secret": secret})
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(dialog.secret)
        self.assertNotIn(secret, str(self.endpoint.message_ids.mapped("body")))

    def test_worker_and_manager_open_no_secret_dialog(self):
        for user in (self.worker, self.manager):
            with self.assertRaises(AccessError):
                self.env["shipment.webhook.secret"].with_user(user).create({})

    def test_manager_changes_no_endpoint(self):
        endpoint = self.endpoint.with_user(self.manager)
        for change in (
            endpoint.action_rotate_secret,
            endpoint.action_remove_previous_secret,
            endpoint.action_show_secret,
            endpoint.action_send_test,
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
