from . import shipment_webhook_secret
