from . import (
    shipment_carrier_account,
    shipment_webhook_drain,
    shipment_webhook_endpoint,
    shipment_webhook_receipt,
)
