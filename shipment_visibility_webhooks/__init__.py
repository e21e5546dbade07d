from . import controllers, models


def uninstall_hook(env):
    """Cancel the jobs that would look for a model that is gone."""
    env["queue.job"].search(
        [
            ("model_name", "=", "shipment.webhook.drain"),
            ("state", "in", ("wait_dependencies", "pending", "enqueued")),
        ]
    ).button_cancelled()
