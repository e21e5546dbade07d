import datetime as dt
import logging
from io import BufferedReader, RawIOBase

from werkzeug.exceptions import RequestEntityTooLarge

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from odoo.addons.shipment_visibility_carriers.adapters import signature

from .raw_dispatcher import RawDispatcher

_logger = logging.getLogger(__name__)

# Some carriers put a picture of the delivery into the message.
MAX_BODY_BYTES = 2 * 1024 * 1024


class ShipmentWebhook(Controller):
    """The one door for carriers: limit, look up, verify, store, answer.

    The content is neither parsed nor logged here. Nothing but the receipt is written, so
    that two requests never wait for each other.
    """

    _webhook_url = "/shipment/webhook"

    @route(
        f"{_webhook_url}/<string:token>",
        type=RawDispatcher.routing_type,
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        # One more, because a chunked body that is longer is silently cut off there.
        max_content_length=MAX_BODY_BYTES + 1,
    )
    def receive(self, token):
        """Store what a carrier posts, once, and answer before anybody reads it.

        :return: 200 when it is stored, now or before; 404 unknown address, 413 too large,
            401 the signature does not hold; 400 it breaks off.
        """
        door = request.env["shipment.webhook.endpoint"]._doors().get(token)
        if door is None:
            return self._answer("unknown", 404)
        body = self._read_body()
        if body is None:
            return self._answer("too large", 413)
        headers = request.httprequest.headers
        try:
            signature.scheme(door.scheme).verify(
                headers, body, door.secrets, dt.datetime.now(dt.UTC)
            )
        except signature.SignatureError as error:
            _logger.info("webhook endpoint %s refused: %s", door.endpoint_id, error)
            return self._answer("refused", 401)
        receipts = request.env["shipment.webhook.receipt"]
        stored, drain_waits = receipts._store(door.endpoint_id, body, headers)
        if stored and not drain_waits:
            request.update_env(user=SUPERUSER_ID)
            request.env["shipment.webhook.drain"]._wake(eta=1)
        return self._answer("stored" if stored else "known", 200)

    def _read_body(self):
        # Odoo shows a filtered copy of the environment; the reader stands in werkzeug's own.
        environ = request.httprequest._HTTPRequest__wrapped.environ
        if isinstance(environ["wsgi.input"], RawIOBase):
            # Werkzeug's reader of chunks tells more bytes than it has when a chunk ends
            # before its length, and Python then reads memory that is none, or crashes. A
            # buffer of fixed size makes an error of that, which is answered by 400.
            environ["wsgi.input"] = BufferedReader(environ["wsgi.input"])
        try:
            body = request.httprequest.get_data()
        except RequestEntityTooLarge:
            return None
        return body if len(body) <= MAX_BODY_BYTES else None

    def _answer(self, status, code):
        return request.make_json_response({"status": status}, status=code)
