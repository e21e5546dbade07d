import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon

SECRET = "sk_live_do_not_show_4711"


@tagged("post_install", "-at_install")
class TestAccountConnect(CarriersCommon):
    """The assistant, from the card in the settings to delivery methods that ship."""

    # === CARDS === #

    def test_every_available_adapter_has_a_card_in_words(self):
        card = self._card("sandbox")
        self.assertEqual(card["name"], "Sandbox Carrier")
        self.assertIn("Return labels", card["capabilities"])
        self.assertNotIn("Pickups", self._card("parrot", _Parrot)["capabilities"])
        self.assertIn("Insurance", card["features"])

    def test_another_addons_adapter_has_a_card_by_itself(self):
        card = self._card("parrot", _Parrot)
        self.assertEqual(card["name"], "Parrot Post")
        self.assertEqual(card["capabilities"], ["Rates", "Labels"])

    def test_a_card_counts_its_accounts(self):
        before = self._card("sandbox")
        self.account.copy()
        self.account.copy().environment = "production"
        after = self._card("sandbox")
        self.assertEqual(after["test"], before["test"] + 1)
        self.assertEqual(after["production"], before["production"] + 1)

    def test_only_administrators_see_cards_and_the_assistant(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.packer).get_connection_cards()
        with self.assertRaises(AccessError):
            self.env["shipment.account.connect"].with_user(self.packer).create(
                {"adapter": "sandbox"}
            )

    # === CONNECTING === #

    def test_the_form_leads_from_a_key_to_delivery_methods(self):
        with Form(
            self.env["shipment.account.connect"].with_context(default_adapter="sandbox")
        ) as form:
            self.assertEqual(form.name, "Sandbox Carrier (Test)")
            form.environment = "production"
            self.assertEqual(form.name, "Sandbox Carrier")
            form.environment = "test"
            form.name = "My contract"
        wizard = form.record
        wizard.action_connect()
        account = wizard.account_id
        self.assertEqual(wizard.state, "services")
        self.assertEqual(
            (account.name, account.environment, account.company_id),
            ("My contract", "test", self.company),
        )
        self.assertEqual(account.test_outcome, "connected")
        self.assertTrue(account.tested_at)
        wizard.line_ids.selected = False
        wizard.line_ids.filtered(lambda line: line.service == "express").selected = True
        wizard.action_create_methods()
        method = wizard.method_ids
        self.assertEqual(wizard.state, "done")
        self.assertEqual(method.name, "Sandbox Carrier Express (Test)")
        self.assertEqual(method.integration_level, "rate_and_ship")
        self.assertEqual((method.margin, method.fixed_margin), (0.0, 0.0))
        self.assertEqual(method.company_id, self.company)
        picking = self._create_picking(method=method)
        picking.button_validate()
        self.assertTrue(picking.carrier_tracking_ref)
        self.assertEqual(picking.shipment_ids.account_id, account)

    def test_what_the_carrier_says_is_shown_and_nothing_is_left(self):
        wizard = self._connect({"api_key": "SANDBOX-AUTH"})
        self.assertEqual(wizard.state, "account")
        self.assertIn("did not accept the credentials", wizard.problem)
        self.assertFalse(wizard.account_id)
        self.assertFalse(self._accounts("Contract"))
        self._type(wizard, {"api_key": SECRET})
        wizard.action_connect()
        self.assertEqual(wizard.state, "services")
        self.assertFalse(wizard.problem)

    def test_what_is_missing_is_told_before_the_carrier_is_asked(self):
        calls = self._count("rate")
        wizard = self._connect({"base_url": "not an address"})
        self.assertIn("base_url is not valid", wizard.problem)
        self.assertFalse(calls)

    def test_a_secret_goes_to_the_account_and_never_back(self):
        wizard = self._wizard()
        form = {**wizard.credential_form, "values": {"api_key": SECRET}}
        answer = wizard.web_save(
            {"credential_form": form}, {"name": {}, "credential_form": {}}
        )
        self.assertNotIn(SECRET, str(answer))
        self.assertNotIn(SECRET, json.dumps(wizard.credential_form))
        wizard.action_connect()
        self.assertEqual(wizard.account_id.credentials, {"api_key": SECRET})
        self.assertFalse(wizard.credentials)
        self.assertNotIn(SECRET, str(wizard.account_id.web_read({"test_message": {}})))

    # === SERVICES === #

    def test_services_that_were_quoted_are_proposed_with_their_price(self):
        lines = self._connect().line_ids
        self.assertEqual(set(lines.mapped("service")), set(SandboxAdapter.services))
        quoted = lines.filtered("price")
        self.assertTrue(quoted)
        self.assertEqual(lines.filtered("selected"), quoted)
        self.assertRegex(quoted[0].price, r"^\d+\.\d\d [A-Z]{3}$")
        self.assertEqual(lines[: len(quoted)], quoted, "they come first")

    def test_an_aggregators_services_come_from_its_answer(self):
        self.patch(SandboxAdapter, "services", {})
        lines = self._connect().line_ids
        self.assertIn("express", lines.mapped("service"))
        self.assertIn("Express", lines.mapped("name"))

    def test_another_address_brings_other_services(self):
        self.patch(SandboxAdapter, "services", {})
        wizard = self._connect()
        self.assertNotIn("worldwide", wizard.line_ids.mapped("service"))
        wizard.partner_id = self.customer.copy(
            {
                "country_id": self.env.ref("base.us").id,
                "state_id": self.env.ref("base.state_us_5").id,
                "zip": "94105",
            }
        )
        wizard.action_ask_again()
        self.assertIn("worldwide", wizard.line_ids.mapped("service"))

    def test_a_carrier_that_argues_has_let_us_in(self):
        def argue(adapter, request):
            raise base.Refused("We do not ship from ourselves to ourselves")

        self.patch(SandboxAdapter, "rate", argue)
        wizard = self._connect()
        self.assertEqual(wizard.state, "services")
        self.assertIn("ourselves", wizard.remark)
        self.assertTrue(wizard.line_ids)
        self.assertFalse(any(wizard.line_ids.mapped("selected")))

    def test_nothing_ticked_makes_nothing(self):
        wizard = self._connect()
        wizard.line_ids.selected = False
        with self.assertRaisesRegex(UserError, "Tick"):
            wizard.action_create_methods()
        wizard.action_finish()
        self.assertFalse(wizard.account_id.delivery_carrier_ids)

    def test_a_service_is_not_made_twice(self):
        wizard = self._connect()
        wizard.action_create_methods()
        account = wizard.account_id
        count = account.delivery_carrier_count
        action = account.action_add_delivery_methods()
        again = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(
            set(again.line_ids.filtered("exists").mapped("service")),
            set(wizard.method_ids.mapped("shipment_service")),
        )
        again.line_ids.selected = True
        again.action_create_methods()
        services = account.delivery_carrier_ids.mapped("shipment_service")
        self.assertEqual(len(services), len(set(services)))
        self.assertGreater(len(services), count)
        self.assertEqual(
            account.delivery_carrier_ids.product_id, wizard.method_ids.product_id
        )

    def test_one_product_for_all_or_one_for_each(self):
        wizard = self._connect()
        wizard.action_create_methods()
        product = wizard.method_ids.product_id
        self.assertEqual(product.name, "Delivery by Sandbox Carrier")
        self.assertEqual((product.type, product.list_price), ("service", 0.0))
        wizard = self._connect()
        wizard.product_mode = "each"
        wizard.action_create_methods()
        self.assertEqual(
            wizard.method_ids.product_id.mapped("name"),
            wizard.method_ids.mapped("name"),
        )
        wizard = self._connect()
        wizard.product_id = self.delivery_product
        wizard.action_create_methods()
        self.assertEqual(wizard.method_ids.product_id, self.delivery_product)

    def test_a_production_method_is_not_called_a_test(self):
        wizard = self._connect(environment="production")
        wizard.action_create_methods()
        self.assertNotIn("(Test)", "".join(wizard.method_ids.mapped("name")))
        self.assertTrue(all(wizard.method_ids.mapped("prod_environment")))

    # === HELPERS === #

    def _card(self, code, adapter=None):
        if adapter:
            self.patch(base, "_registry", {**base._registry, code: adapter})
        cards = self.env["shipment.carrier.account"].get_connection_cards()
        return next(card for card in cards if card["adapter"] == code)

    def _wizard(self, **values):
        return self.env["shipment.account.connect"].create(
            {"adapter": "sandbox", "name": "Contract", **values}
        )

    def _connect(self, credentials=None, **values):
        wizard = self._wizard(**values)
        self._type(wizard, credentials or {})
        wizard.action_connect()
        return wizard

    def _type(self, wizard, values):
        wizard.credential_form = {**wizard.credential_form, "values": values}

    def _accounts(self, name):
        return self.env["shipment.carrier.account"].search([("name", "=", name)])


class _Parrot(base.CarrierAdapter):
    """As an adapter of an addon that nobody here has heard of."""

    name = "Parrot Post"
    __module__ = SandboxAdapter.__module__

    def rate(self, request):
        return []

    def book(self, request):
        return b""
