from . import health, metrics, raw_dispatcher, webhook
