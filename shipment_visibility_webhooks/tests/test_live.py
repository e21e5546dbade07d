from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestLiveWebhooks(WebhookCommon, TransactionCase):
    """Whether the carrier reports by itself, so that it need not be asked."""

    def test_messages_that_are_read_make_an_account_reported(self):
        self.assertFalse(self.account._has_live_webhooks())
        receipt = self.store(self.message("picked_up"))
        self.assertFalse(self.account._has_live_webhooks())
        self.drain()
        self.assertEqual(receipt.state, "done")
        self.assertTrue(self.account._has_live_webhooks())
        self.assertFalse(self.account.copy()._has_live_webhooks())

    def test_a_carrier_that_fell_silent_does_not_report(self):
        receipt = self.store(self.message("picked_up"))
        self.drain()
        receipt.done_at = fields.Datetime.now() - timedelta(hours=25)
        self.assertFalse(self.account._has_live_webhooks())

    def test_an_archived_endpoint_does_not_report(self):
        self.store(self.message("picked_up"))
        self.drain()
        self.endpoint.active = False
        self.assertFalse(self.account._has_live_webhooks())

    def test_messages_that_cannot_be_read_are_no_report(self):
        self.store(b"[]")
        self.drain()
        self.assertFalse(self.account._has_live_webhooks())
