"""Ship24, as far as it tells by itself: it follows parcels of many couriers.

Messages: https://docs.ship24.com/webhooks/overview, statuses: https://docs.ship24.com/status,
times and fields that may be absent: https://docs.ship24.com/data-format. Messages arrive in any
order, more than once, and may all be sent again; every event has an id, which is its identity.

A proof of delivery (topic ``tracking/pod``) is an address that is good for seven days; no event is
made of it. Ship24 takes a JSON answer with ``success: false`` for a failure and sends again.
"""

from . import adapter
