from . import (
    shipment_carrier_account,
    shipment_health,
    shipment_metric,
    shipment_metric_sources,
    shipment_webhook_drain,
    shipment_webhook_endpoint,
    shipment_webhook_receipt,
)
