"""DHL, as far as it tells by itself: "Shipment Tracking - Unified - Push". It is asked nothing.

A message holds what the API of the same name without "Push" answers, ``shipments[]``:
https://developer.dhl.com/api-reference/shipment-tracking (``track_v1``). DHL says that the sources
are unified and the structure is not: a division's answer may look different
(https://developer.dhl.com/api-reference/shipment-tracking-unified-push, the 101 guide). So only the
number, the time and the shape are insisted on; a message of another shape, such as that of DHL
eCommerce Americas, is refused and kept, not guessed at.

Times: some divisions write an offset, others the local time of the place without one. There is no
id of an event, so its content is its identity.
"""

from . import adapter
