from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route
from odoo.tools import consteq

from ..models.shipment_metric import METRICS_PATH, TOKEN_KEY

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class ShipmentMetrics(Controller):
    """What Prometheus asks for. It answers for all processes, whichever one is asked."""

    @route(
        METRICS_PATH,
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
        # A replica knows nothing of the locks by which the queue's runner is seen.
        readonly=False,
    )
    def metrics(self):
        """All metrics as text, for who shows the token.

        :return: 401 without the token, also when there is none to be shown.
        """
        request.update_env(user=SUPERUSER_ID)
        token = request.env["ir.config_parameter"].get_param(TOKEN_KEY) or ""
        kind, _space, shown = request.httprequest.headers.get(
            "Authorization", ""
        ).partition(" ")
        if kind.lower() != "bearer" or not token or not _is_same(shown.strip(), token):
            headers = [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("WWW-Authenticate", "Bearer"),
                ("Cache-Control", "no-store"),
            ]
            return request.make_response("unauthorized\n", headers, status=401)
        headers = [("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")]
        return request.make_response(request.env["shipment.metric"]._render(), headers)


def _is_same(shown, token):
    # The comparison takes text only if it is ASCII.
    return consteq(shown.encode(), token.encode())
