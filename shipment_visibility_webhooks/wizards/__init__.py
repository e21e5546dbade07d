from . import shipment_webhook_secret
from . import shipment_outbox_resend, shipment_subscription_secret
