from . import (
    shipment_carrier_account,
    shipment_health,
    shipment_message,
    shipment_metric,
    shipment_webhook_drain,
    shipment_webhook_endpoint,
    shipment_webhook_receipt,
    shipment_webhook_receipt_metrics,
)
