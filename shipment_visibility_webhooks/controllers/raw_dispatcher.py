import threading
import time

from odoo.http import HttpDispatcher

from ..metrics.exposition import observe


class RawDispatcher(HttpDispatcher):
    """Serve a ``type="raw"`` route as HTTP, and leave the body to the controller, unread.

    Odoo's own ``http`` type reads the form before the controller runs. A form-encoded body
    is then consumed and its signature can no longer be checked over the received bytes, and
    names of form fields and query parameters that a stranger chose become arguments of the
    controller. Here the only arguments are those of the path.
    """

    routing_type = "raw"

    def dispatch(self, endpoint, args):
        """Override of Odoo to call the endpoint without looking into the body."""
        self.request.params = dict(args)
        self.request.env.cr.postcommit.add(_observe)
        return self.request.registry["ir.http"]._dispatch(endpoint)


def _observe():
    """Count how long the request took, with its commit."""
    # Set by Odoo for its own log when the request arrived.
    begun = getattr(threading.current_thread(), "perf_t0", None)
    if begun:
        observe("request_seconds", time.time() - begun)
