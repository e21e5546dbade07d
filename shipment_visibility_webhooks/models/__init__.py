from . import (
    shipment_carrier_account,
    shipment_webhook_drain,
    shipment_webhook_endpoint,
    shipment_webhook_processing,
    shipment_webhook_receipt,
    shipment_webhook_receipt_message,
    shipment_webhook_receipt_purge,
    shipment_webhook_receipt_replay,
)
