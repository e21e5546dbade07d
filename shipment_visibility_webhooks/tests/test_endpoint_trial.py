import base64
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.base import MalformedMessage

from ..metrics.counters import counters
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
        self.endpoint.scheme = "shipengine"
        with self.assertRaisesRegex(UserError, "ShipEngine.* key that only it has"):
            self.send()
        self.endpoint.scheme = "standard_webhooks"
        self.endpoint.secret = f"whpk_{base64.b64encode(b'p' * 32).decode()}"
        with self.assertRaisesRegex(UserError, "Nothing can be signed"):
            self.send()
        self.assertFalse(self.receipts())

    def test_whatever_is_signed_with_our_secret_can_be_tested(self):
        self.endpoint.signature_header = "X-Signature"
        for code, scheme in signature.schemes().items():
            if scheme.keys_url:
                continue
            with self.subTest(scheme=code):
                self.endpoint.scheme = code
                known = self.receipts()
                shown = self.send()
                self.assertEqual(shown["type"], "success", shown["message"])
                receipt = self.receipts() - known
                self.drain()
                self.assertEqual(receipt.state, "done", receipt.reason)

    def test_no_source_is_asked_to_read_it(self):
        """Whatever a source documents: it is not to stumble over what is not its own."""
        self.send()
        adapter = self.account._adapter_class()
        with patch.object(adapter, "parse_webhook", side_effect=MalformedMessage):
            self.drain()
        self.assertEqual(self.receipts().state, "done")
        self.assertFalse(self.receipts().milestone_ids)

    def test_it_is_no_word_of_the_carrier(self):
        self.endpoint.expected_within_hours = 6
        self.age(self.endpoint, hours=100)
        self.age(self.shipment, hours=24)
        self.endpoint._cron_watch_silence()
        self.endpoint.silence_told_at -= timedelta(minutes=1)
        self.send()
        self.drain()
        self.endpoint._cron_watch_silence()
        self.assertTrue(self.endpoint.silence_told_at)
        self.assertFalse(self.endpoint.last_received_at)
        self.assertFalse(self.endpoint.received_last_hour)
        self.assertFalse(self.endpoint.received_today)
        self.assertFalse(self.endpoint.received_this_week)
        self.assertFalse(self.account._has_live_webhooks())
        self.assertFalse(counters.look("received"))
        self.assertEqual(self.endpoint.recent_receipt_ids, self.receipts())
        self.assertTrue(self.receipts().is_trial)

    def test_without_a_secret_nothing_is_sent(self):
        self.endpoint.secret = False
        with self.assertRaisesRegex(UserError, "Enter the secret"):
            self.send()
