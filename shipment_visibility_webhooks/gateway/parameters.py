"""What an administrator may set under Settings > Technical > System Parameters."""

PREFIX = "shipment_visibility_webhooks"
DEFAULTS = {
    "drain_batch": 200,  # messages that are worked on in one transaction
    "drain_seconds": 30,  # after which a job hands over to the next one
    "drain_rate": 0,  # messages per second, all jobs together; 0: no limit
    "receipt_days": 90,  # for which a processed message is known
    "body_days": 30,  # for which its content is kept, and it can be replayed
    "dead_days": 365,  # for which a dead letter is kept
    "outbox_days": 90,  # for which what was sent or given up is kept
}


def parameter(env, name):
    """The whole number that is set under this name; what is none counts as not set."""
    # Whoever works through messages need not be allowed to read settings.
    value = env["ir.config_parameter"].sudo().get_param(f"{PREFIX}.{name}")
    try:
        # Of a parameter that is gone it is False, which is no 0.
        return max(int(value or ""), 0)
    except (TypeError, ValueError):
        return DEFAULTS[name]
