from odoo.http import Controller, request, route

from odoo.addons.shipment_visibility_webhooks.controllers.raw_dispatcher import (
    RawDispatcher,
)
from odoo.addons.shipment_visibility_webhooks.controllers.webhook import MAX_BODY_BYTES


class Empty(Controller):
    """The least that a POST route can do, with the options of the webhook route."""

    @route(
        "/shipment/bench/empty/<string:token>",
        type=RawDispatcher.routing_type,
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=MAX_BODY_BYTES,
    )
    def receive(self, token):
        """Answer."""
        return request.make_json_response({"status": "empty"})
