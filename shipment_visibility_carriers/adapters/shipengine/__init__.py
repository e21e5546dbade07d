"""ShipEngine, now the ShipStation API version 2: what its tracking webhooks say.

Payload: ``tracking_information`` and ``track_event`` of
https://github.com/ShipEngine/shipengine-openapi, and the examples of
https://docs.shipstation.com/apis/docs/guides/webhooks-schemas. The older name of the message is
``API_TRACK``, the newer one ``TRACK_EVENT_V2``.

A message holds one parcel with its whole history. Messages about batches, rates and the like only
name an address to ask; they hold no events. A tracking message that only does that is refused:
nothing is asked here.
"""

from . import adapter
