from . import controllers, models, wizards

from odoo.addons.shipment_visibility.hooks import cancel_waiting_jobs

from .metrics import flusher  # noqa: F401  it waits for the first thing counted
from .models.shipment_metric import TOKEN_KEY as METRICS_TOKEN_KEY


def uninstall_hook(env):
    """Leave no job behind that would look for what is gone, and no token."""
    cancel_waiting_jobs(
        env,
        [
            "shipment.webhook.drain",
            "shipment.webhook.receipt",
            "shipment.outbox.sender",
        ],
    )
    env["ir.config_parameter"].search([("key", "=", METRICS_TOKEN_KEY)]).unlink()
