import time
from threading import Lock

from odoo.http import Controller, request, route

# For so long an answer is given again: whoever asks often must not keep the database busy.
TRUST_SECONDS = 5.0
READY = {"status": "ready"}

_lock = Lock()
_answers = {}


class ShipmentHealth(Controller):
    """Whether this server can do its work, for a load balancer and for people."""

    @route(
        "/shipment/health",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
        # The question is whether the primary takes changes.
        readonly=False,
    )
    def health(self):
        """200 when messages are stored and worked on; else 503 and the reasons.

        The reasons name no numbers, because anybody may ask.
        """
        reasons = self._reasons()
        answer = {"status": "not ready", "reasons": reasons} if reasons else READY
        return request.make_json_response(
            answer,
            headers=[("Cache-Control", "no-store")],
            status=503 if reasons else 200,
        )

    def _reasons(self):
        registry = request.env.registry
        if not registry.ready:
            return ["Odoo is still loading its modules."]
        database = request.env.cr.dbname
        with _lock:
            until, reasons = _answers.get(database, (0.0, []))
            is_fresh = time.monotonic() < until
            if not is_fresh:
                # Whoever comes while we look is given the last answer.
                _answers[database] = (time.monotonic() + TRUST_SECONDS, reasons)
        if not is_fresh:
            reasons = request.env["shipment.health"]._reasons()
            _answers[database] = (time.monotonic() + TRUST_SECONDS, reasons)
        return reasons
