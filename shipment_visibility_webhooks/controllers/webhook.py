import datetime as dt
import logging
from io import BufferedReader, RawIOBase

from werkzeug.exceptions import (
    ClientDisconnected,
    MethodNotAllowed,
    RequestEntityTooLarge,
)

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from odoo.addons.shipment_visibility_carriers.adapters import signature

from ..gateway import refusals
from ..gateway.guard import guard
from ..gateway.trial import is_trial
from ..metrics.counters import counters
from .raw_dispatcher import RawDispatcher

_logger = logging.getLogger(__name__)

# Some carriers put a picture of the delivery into the message.
MAX_BODY_BYTES = 2 * 1024 * 1024


class ShipmentWebhook(Controller):
    """The one door for carriers: limit, look up, verify, store, answer.

    The content is neither parsed nor logged here. Nothing but the receipt is written, so
    that two requests never wait for each other; what is counted is counted in memory.
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

        :return: 200 when it is stored, now or before; 404 unknown address, 403 from an
            address that is not allowed, 413 too large, 400 not all of it came, 401 the
            signature does not hold, 429 too often, with the seconds to wait.
        """
        # Odoo lets OPTIONS through to every route.
        if request.httprequest.method != "POST":
            raise MethodNotAllowed(["POST"])
        # Behind a proxy this is the client's only in proxy mode.
        address = request.httprequest.remote_addr or ""
        door = request.env["shipment.webhook.endpoint"]._doors().get(token)
        try:
            body = self._check(door, address)
        except refusals.Refusal as refusal:
            return self._refuse(door, address, refusal)
        guard.remember_welcome(address, door.key)
        return self._store(door, body)

    def _check(self, door, address):
        """Return the body when it may be stored; what costs little is checked first.

        :raise Refusal: it may not.
        """
        guard.check_source(address, door and door.key, self._refusals_per_minute())
        if door is None:
            raise refusals.Refusal(refusals.UNKNOWN)
        guard.check_address(address, door.networks)
        guard.check_rate(door.key, door.rate, door.burst)
        body = self._read_body()
        headers = request.httprequest.headers
        try:
            signature.scheme(door.scheme).verify(
                headers, body, door.secrets, dt.datetime.now(dt.UTC), door.settings
            )
        except signature.SignatureError as error:
            raise refusals.of_signature(error) from None
        return body

    def _read_body(self):
        # Odoo shows a filtered copy of the environment; the reader stands in werkzeug's own.
        environ = request.httprequest._HTTPRequest__wrapped.environ
        if isinstance(environ["wsgi.input"], RawIOBase):
            # Werkzeug's reader of chunks tells more bytes than it has when a chunk ends
            # before its length, and Python then reads memory that is none, or crashes. A
            # buffer of fixed size makes an error of that.
            environ["wsgi.input"] = BufferedReader(environ["wsgi.input"])
        try:
            body = request.httprequest.get_data()
        except RequestEntityTooLarge:
            raise refusals.Refusal(refusals.TOO_LARGE) from None
        except (ClientDisconnected, ValueError):
            raise refusals.Refusal(refusals.BROKEN_OFF) from None
        if len(body) > MAX_BODY_BYTES:
            raise refusals.Refusal(refusals.TOO_LARGE)
        return body

    def _store(self, door, body):
        stored, drain_waits = request.env["shipment.webhook.receipt"]._store(
            door.endpoint_id, body, request.httprequest.headers
        )
        if stored and not drain_waits:
            request.update_env(user=SUPERUSER_ID)
            request.env["shipment.webhook.drain"]._wake(eta=1)
        if not is_trial(body):
            name = "received" if stored else "duplicate"
            counters.count(name, endpoint=door.endpoint_id)
        return self._answer("stored" if stored else "known", 200)

    def _refuse(self, door, address, refusal):
        endpoint_id = door.endpoint_id if door else 0
        counters.count("refused", endpoint=endpoint_id, reason=refusal.reason)
        if not refusal.is_pressure:
            guard.remember_refusal(address, self._refusals_per_minute())
            if door:
                _logger.info(
                    "webhook endpoint %s refused: %s", endpoint_id, refusal.reason
                )
        response = self._answer(refusal.answer, refusal.status)
        if refusal.wait:
            response.headers["Retry-After"] = str(refusal.wait)
        return response

    def _refusals_per_minute(self):
        return request.env["shipment.webhook.endpoint"]._get_refusals_per_minute()

    def _answer(self, status, code):
        return request.make_json_response({"status": status}, status=code)
