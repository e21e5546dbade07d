from . import controllers, models, wizards

from odoo.addons.shipment_visibility.hooks import cancel_waiting_jobs


def uninstall_hook(env):
    """Leave no job behind that would look for what is gone."""
    cancel_waiting_jobs(env, ["shipment.webhook.drain", "shipment.webhook.receipt"])
