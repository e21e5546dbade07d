from . import (
    shipment_carrier_account,
    shipment_health,
    shipment_message,
    shipment_metric,
    shipment_webhook_drain,
    shipment_webhook_endpoint,
    shipment_webhook_endpoint_guard,
    shipment_webhook_endpoint_scheme,
    shipment_webhook_endpoint_secret,
    shipment_webhook_endpoint_trial,
    shipment_webhook_endpoint_watch,
    shipment_webhook_receipt,
    shipment_webhook_receipt_metrics,
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
