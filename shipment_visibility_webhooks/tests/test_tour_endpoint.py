from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tests.common import release_test_lock

from odoo.addons.shipment_visibility_carriers.adapters.base import MalformedMessage

from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestTourEndpoint(WebhookCommon, HttpCase):
    """The page of an endpoint, as an administrator works with it."""

    def test_an_administrator_connects_an_endpoint_and_looks_after_it(self):
        self.account.name = "Tour account"
        self.env["ir.config_parameter"].set_param("web.base.url", self.base_url())
        self.env.flush_all()
        self._reach_ourselves()
        self._drain_at_once()
        self._stumble_once()
        # The test event comes from the server itself, not from the browser.
        self.http_request_allow_all = True
        self.start_tour(
            "/odoo/shipment-webhook-endpoints",
            "shipment_visibility_webhooks_endpoint",
            login="admin",
            timeout=90,
        )
        endpoint = self.account.webhook_endpoint_ids - self.endpoint
        self.assertFalse(endpoint.previous_secret)
        self.assertEqual(endpoint._get_refusals(), {"wrong": 2})
        receipts = self.env["shipment.webhook.receipt"].search(
            [("endpoint_id", "=", endpoint.id)]
        )
        self.assertEqual(receipts.mapped("state"), ["done"] * 3)
        self.assertEqual(self.shipment.headline, "delivered")
        self.assertEqual(len(self.milestones_of(self.number)), 1)

    def _reach_ourselves(self):
        """A request of the server to itself needs the test's only cursor."""
        endpoints = type(self.endpoint)
        post = endpoints._post_to_ourselves
        own_server = ("127.0.0.1", self.http_port())

        def post_meanwhile(endpoint, body, headers):
            with release_test_lock():
                return post(endpoint, body, headers)

        self.patch(endpoints, "_post_to_ourselves", post_meanwhile)
        self.patch(endpoints, "_get_own_server", lambda endpoint: own_server)

    def _drain_at_once(self):
        """There is no queue in a test: its jobs are done where they are asked for."""
        self.patch(
            type(self.env["shipment.webhook.drain"]),
            "_wake",
            lambda drain, eta=None: drain.sudo()._job_drain(),
        )

    def _stumble_once(self):
        """The first message of the carrier can only be read when it comes again."""
        adapter = self.account._adapter_class()
        parse = adapter.parse_webhook
        calls = []

        def parse_later(*args):
            calls.append(args)
            if len(calls) == 1:
                raise MalformedMessage("events.0.code: not what was expected")
            return parse(*args)

        patcher = patch.object(adapter, "parse_webhook", parse_later)
        patcher.start()
        self.addCleanup(patcher.stop)
