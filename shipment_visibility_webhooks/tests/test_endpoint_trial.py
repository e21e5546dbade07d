import json
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.shipment_visibility_carriers.adapters import signature

from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestEndpointTrial(WebhookCommon, HttpCase):
    """The test event goes through the real route."""

    def send(self):
        """Press the button; return what it shows."""
        own_server = ("127.0.0.1", self.http_port())
        with (
            patch.object(
                type(self.endpoint), "_get_own_server", lambda endpoint: own_server
            ),
            self.allow_requests(all_requests=True),
        ):
            return self.endpoint.action_send_test()["params"]

    def test_it_is_received_like_a_message_of_the_carrier(self):
        shown = self.send()
        self.assertEqual(shown["type"], "success", shown["message"])
        receipt = self.receipts()
        self.assertEqual(len(receipt), 1)
        self.assertEqual(receipt.state, "received")
        self.drain()
        self.assertEqual(receipt.state, "done", receipt.reason)
        self.assertFalse(self.milestones_of(self.number))

    def test_each_test_is_a_message_of_its_own(self):
        self.send()
        self.send()
        self.assertEqual(len(self.receipts()), 2)

    def test_a_refusal_is_shown_with_its_cause(self):
        self.endpoint.allowed_networks = "192.0.2.7"
        shown = self.send()
        self.assertEqual(shown["type"], "danger")
        self.assertIn("allowed addresses", shown["message"])
        self.assertFalse(self.receipts())

    def test_a_server_that_cannot_be_reached_is_said(self):
        with patch("http.client.HTTPConnection.request", side_effect=OSError):
            shown = self.endpoint.action_send_test()["params"]
        self.assertEqual(shown["type"], "danger")
        self.assertIn("could not be reached", shown["message"])

    def test_a_busy_server_is_said(self):
        with patch("http.client.HTTPConnection.request", side_effect=TimeoutError):
            shown = self.endpoint.action_send_test()["params"]
        self.assertIn("single worker", shown["message"])

    def test_what_only_the_carrier_can_sign_is_not_sent(self):
        scheme = signature.scheme(self.endpoint.scheme)
        with (
            patch.object(type(scheme), "sign", side_effect=NotImplementedError),
            self.assertRaisesRegex(UserError, "Only the carrier can sign"),
        ):
            self.send()

    def test_without_a_secret_nothing_is_sent(self):
        self.endpoint.secret = False
        with self.assertRaisesRegex(UserError, "Enter the secret"):
            self.send()

    def test_what_the_carrier_would_not_understand_is_not_sent(self):
        adapter = self.account._adapter_class()
        for body in (b"{}", self.message("delivered")):
            self.patch(adapter, "webhook_test", classmethod(lambda c, i, b=body: b))
            with self.assertRaisesRegex(UserError, "no message that could be made"):
                self.send()
        self.assertFalse(self.receipts())

    def test_every_connection_can_be_tested_or_says_that_it_cannot(self):
        for code, adapter in self.account._available_adapters().items():
            with self.subTest(adapter=code):
                self.assertTrue(json.loads(adapter.webhook_test("1")))
