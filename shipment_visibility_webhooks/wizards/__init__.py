from . import shipment_webhook_replay
