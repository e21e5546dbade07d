import json
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tests.common import new_test_user

from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon

SECRET = "sk_live_do_not_show_4711"
NEUTRALIZE = Path(__file__).parents[1] / "data" / "neutralize.sql"


@tagged("post_install", "-at_install")
class TestAccount(CarriersCommon):
    def test_the_carrier_comes_from_the_connection(self):
        carrier = self.account.carrier_id
        self.assertEqual(carrier.code, "sandbox")
        self.assertEqual(carrier.tracking_url, SandboxAdapter.tracking_url)
        self.assertEqual(self.account._get_reported_carriers(), carrier)

    def test_only_adapters_of_installed_addons_are_offered(self):
        stranger = type("Stranger", (base.CarrierAdapter,), {"name": "Stranger"})
        stranger.__module__ = "odoo.addons.not_installed_here.adapters"
        with patch.dict(base._registry, {"stranger": stranger}):
            offered = dict(self.account._selection_adapter())
        self.assertIn("sandbox", offered)
        self.assertNotIn("stranger", offered)

    def test_an_account_whose_addon_is_gone_says_so(self):
        with (
            patch.dict(base._registry, clear=True),
            self.assertRaisesRegex(UserError, "addon that is not installed"),
        ):
            self.account._adapter()

    def test_a_new_account_is_for_testing(self):
        self.assertEqual(self.account.environment, "test")
        self.assertFalse(self.account._adapter().production)
        self.account.environment = "production"
        self.assertTrue(self.account._adapter().production)
        self.assertEqual(self.account.copy().environment, "test")

    def test_capabilities_are_what_the_adapter_overrides(self):
        self.assertIn("Labels", self.account.capabilities)
        self.assertIn("Webhooks", self.account.capabilities)

    # === CREDENTIALS === #

    def test_the_form_takes_a_secret_and_never_shows_it(self):
        self._type({"api_key": SECRET, "base_url": "http://localhost:1"})
        key, url, *_others = self.account.credential_form["fields"]
        self.assertEqual(self.account.credentials["api_key"], SECRET)
        self.assertTrue(key["set"])
        self.assertNotIn(SECRET, json.dumps(self.account.credential_form))
        self.assertEqual(url["value"], "http://localhost:1")

    def test_a_yes_or_no_is_asked_as_one(self):
        asked = {f["name"]: f for f in self.account.credential_form["fields"]}
        self.assertTrue(asked["lookup"]["boolean"])
        self.assertIs(asked["lookup"]["value"], True)
        self.assertFalse(asked["base_url"]["boolean"])
        self._type({"lookup": False})
        self.assertIs(self.account._read_credentials().lookup, False)
        asked = {f["name"]: f for f in self.account.credential_form["fields"]}
        self.assertIs(asked["lookup"]["value"], False)

    def test_the_answer_to_saving_a_secret_does_not_hold_it(self):
        form = {**self.account.credential_form, "values": {"api_key": SECRET}}
        answer = self.account.web_save(
            {"credential_form": form}, {"name": {}, "credential_form": {}}
        )
        self.assertNotIn(SECRET, str(answer))

    def test_an_empty_secret_stays_as_it_was(self):
        self._type({"api_key": SECRET})
        self._type({"base_url": "http://localhost:1"})
        self.assertEqual(self.account.credentials["api_key"], SECRET)

    def test_another_connection_forgets_the_credentials(self):
        self._type({"api_key": SECRET})
        other = type("Other", (base.CarrierAdapter,), {"name": "Other"})
        other.__module__ = SandboxAdapter.__module__
        with patch.dict(base._registry, {"other": other}):
            self.account.adapter = "other"
            self.assertFalse(self.account.credentials)
            self.assertEqual(self.account.carrier_id.code, "other")

    def test_nobody_but_an_administrator_reads_credentials(self):
        self._type({"api_key": SECRET})
        manager = new_test_user(
            self.env, login="carriers_manager", groups="stock.group_stock_manager"
        )
        for user in (self.packer, self.salesman, manager):
            account = self.account.with_user(user)
            for name in ("credentials", "credential_form"):
                with self.assertRaises(AccessError):
                    account.read([name])
            visible = account.read()
            self.assertNotIn(SECRET, str(visible))
            self.assertNotIn("credentials", visible[0])
            with self.assertRaises(AccessError):
                account.write({"name": "Mine"})

    def test_what_is_wrong_is_named_and_no_value_is_shown(self):
        self.account.credentials = {"base_url": SECRET, "api_key": SECRET}
        with self.assertRaises(UserError) as caught:
            self.account._adapter()
        error = caught.exception
        self.assertIn("base_url is not valid", str(error))
        self.assertNotIn(SECRET, str(error))
        self.assertIsNone(error.__cause__)
        self.assertIsNone(error.__context__)

    def test_the_journal_is_masked(self):
        self._type({"api_key": SECRET})
        with self.assertNoLogs(level="WARNING"):
            self._create_picking().carrier_id.send_shipping(self._create_picking())
        messages = self.env["shipment.message"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertIn("book", messages.mapped("operation"))
        self.assertNotIn(SECRET, str(messages.read()))

    # === TEST CONNECTION === #

    def test_connection_is_proved_by_asking(self):
        notice = self.account.action_test_connection()["params"]
        self.assertEqual(notice["type"], "success")
        self.assertIn("Standard", notice["message"])

    def test_refused_credentials_are_told(self):
        self._type({"api_key": "SANDBOX-AUTH"})
        notice = self.account.action_test_connection()["params"]
        self.assertEqual(notice["type"], "danger")

    def test_a_carrier_that_argues_has_let_us_in(self):
        with patch.object(SandboxAdapter, "rate", side_effect=base.Refused("Too far")):
            notice = self.account.action_test_connection()["params"]
        self.assertEqual(notice["type"], "success")
        self.assertIn("Too far", notice["message"])

    def test_only_an_administrator_tests(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.packer).action_test_connection()

    # === JOURNAL === #

    def test_conversations_are_kept_when_the_user_is_rolled_back(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-REFUSE"))
        with self._raises():
            self.method.send_shipping(picking)
        booking = self._booking(picking)
        message = self.env["shipment.message"].search(
            [("correlation_id", "=", booking.correlation_id)]
        )
        self.assertEqual(message.outcome, "refused")
        self.assertEqual(message.company_id, self.company.id)

    def test_only_managers_read_conversations(self):
        with self.assertRaises(AccessError):
            self.env["shipment.message"].with_user(self.packer).search([])

    def test_old_conversations_are_deleted(self):
        self.account.action_test_connection()
        messages = self.env["shipment.message"].search([])
        self.assertTrue(messages)
        self.env.cr.execute(
            "UPDATE shipment_message SET create_date = now() - interval '91 days'"
        )
        messages.invalidate_model()
        self.env["shipment.message"]._gc_old()
        self.assertFalse(messages.exists())

    # === METHODS === #

    def test_a_method_needs_a_service_of_its_account(self):
        with self.assertRaisesRegex(ValidationError, "has no service"):
            self.method.shipment_service = "teleport"
        with self.assertRaisesRegex(ValidationError, "needs a carrier account"):
            self.method.shipment_account_id = False

    def test_neutralize(self):
        self._type({"api_key": SECRET})
        self.account.environment = "production"
        self.env.flush_all()
        self.env.cr.execute(NEUTRALIZE.read_text())
        self.env.invalidate_all()
        self.assertFalse(self.account.active)
        self.assertFalse(self.account.credentials)
        self.assertEqual(self.account.environment, "test")
        picking = self._create_picking()
        with self._raises("is archived"):
            self.method.send_shipping(picking)

    def _type(self, values):
        form = self.account.credential_form
        self.account.credential_form = {**form, "values": values}
        self.account.flush_recordset()
        self.account.invalidate_recordset()
