from odoo import SUPERUSER_ID

WAITING = ("wait_dependencies", "pending", "enqueued")


def cancel_waiting_jobs(env, models):
    """Cancel the queue's jobs of models that are about to go, or they would fail for ever."""
    jobs = env["queue.job"].search(
        [("model_name", "in", models), ("state", "in", WAITING)]
    )
    jobs.button_cancelled()


def uninstall_hook(env):
    """Leave nothing behind that would stumble over the missing models."""
    cancel_waiting_jobs(
        env,
        [
            "shipment.effect",
            "shipment.shipment",
            "shipment.adopt",
            "shipment.event.import",
        ],
    )
    env["mail.activity"].with_user(SUPERUSER_ID).search(
        [("res_model", "=like", "shipment.%")]
    ).unlink()
