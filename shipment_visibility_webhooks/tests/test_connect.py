from unittest.mock import patch

from odoo.modules.neutralize import neutralize_database
from odoo.tests import TransactionCase, tagged

from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestConnect(WebhookCommon, TransactionCase):
    """The address a carrier reports to, as the assistant shows it."""

    def test_the_assistant_opens_the_account_an_address(self):
        wizard = self._finish()
        endpoint = wizard.account_id.webhook_endpoint_ids
        self.assertEqual(len(endpoint), 1)
        self.assertEqual(wizard.webhook_address, endpoint.url)
        self.assertIn(endpoint.token, endpoint._doors())

    def test_a_carrier_that_only_reports_is_asked_nothing(self):
        adapter = self.account._adapter_class()
        only_reports = classmethod(lambda cls: frozenset({"parse_webhook"}))
        self.patch(adapter, "capabilities", only_reports)
        wizard = self.env["shipment.account.connect"].create({"adapter": "sandbox"})
        with patch.object(adapter, "rate") as rate:
            action = wizard.action_connect()
        self.assertFalse(rate.called)
        self.assertFalse(wizard.problem)
        self.assertEqual(wizard.state, "done")
        self.assertFalse(wizard.line_ids)
        self.assertEqual(
            wizard.webhook_address, wizard.account_id.webhook_endpoint_ids.url
        )
        self.assertEqual(action["res_id"], wizard.id)
        self.assertFalse(wizard.account_id.test_outcome, "nothing was tested")

    def test_an_account_keeps_the_address_it_has(self):
        self.assertEqual(self.account._get_webhook_address(), self.endpoint.url)
        self.assertEqual(self.account.webhook_endpoint_ids, self.endpoint)

    def test_a_carrier_without_webhooks_gets_no_address(self):
        adapter = self.account._adapter_class()
        self.patch(adapter, "capabilities", classmethod(lambda cls: frozenset()))
        wizard = self._finish()
        self.assertFalse(wizard.webhook_address)
        self.assertFalse(wizard.account_id.webhook_endpoint_ids)

    def test_a_neutralized_copy_has_neither_the_address_nor_its_secrets(self):
        self.endpoint.action_rotate_secret()
        token = self.endpoint.token
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertFalse(self.endpoint.active)
        self.assertFalse(self.endpoint.secret or self.endpoint.previous_secret)
        self.assertNotEqual(self.endpoint.token, token)
        self.assertRegex(self.endpoint.token, r"^[0-9]{40}$")
        self.assertFalse(self.endpoint._doors())

    def _finish(self):
        self.env.company.partner_id.write(
            {
                "street": "Wilhelminakade 1",
                "city": "Rotterdam",
                "zip": "3072 AP",
                "country_id": self.env.ref("base.nl").id,
                "phone": "+31 10 000 0000",
            }
        )
        wizard = self.env["shipment.account.connect"].create({"adapter": "sandbox"})
        wizard.action_connect()
        wizard.action_finish()
        return wizard
