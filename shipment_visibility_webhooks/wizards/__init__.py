from . import (
    shipment_outbox_resend,
    shipment_subscription_secret,
    shipment_webhook_replay,
    shipment_webhook_secret,
)
