from . import (
    shipment_carrier_account,
    shipment_webhook_drain,
    shipment_webhook_endpoint,
    shipment_webhook_endpoint_guard,
    shipment_webhook_endpoint_scheme,
    shipment_webhook_endpoint_secret,
    shipment_webhook_endpoint_trial,
    shipment_webhook_endpoint_watch,
    shipment_webhook_receipt,
)
