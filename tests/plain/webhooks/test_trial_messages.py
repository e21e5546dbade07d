"""What is sent to try the way to us is understood and reports nothing."""

from odoo.addons.shipment_visibility_carriers.adapters.easypost import (
    messages_tracking,
)
from odoo.addons.shipment_visibility_carriers.adapters.easypost.adapter import (
    EasyPostAdapter,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox import events
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)


def test_the_sandbox_reads_its_test():
    body = SandboxAdapter.webhook_test("1")
    assert events.parse_webhook(body, "sandbox") == []
    assert body != SandboxAdapter.webhook_test("2")


def test_easypost_reads_its_test_in_both_modes():
    body = EasyPostAdapter.webhook_test("1")
    for production in (True, False):
        assert messages_tracking.parse_webhook(body, "easypost", production) == []
    assert body != EasyPostAdapter.webhook_test("2")
