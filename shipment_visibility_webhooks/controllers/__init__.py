from . import raw_dispatcher, webhook
