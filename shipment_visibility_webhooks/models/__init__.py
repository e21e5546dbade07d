from . import (
    shipment_carrier_account,
    shipment_webhook_drain,
    shipment_webhook_endpoint,
    shipment_webhook_receipt,
)
from . import (
    shipment_subscription_event,
    shipment_subscription,
    shipment_subscription_health,
    shipment_subscription_test,
    shipment_outbox,
    shipment_outbox_record,
    shipment_outbox_sender,
)
