"""Sendcloud: what its webhooks say of parcels.

Payload: https://sendcloud.dev/api/v3/webhooks/parcel-status-changed, the same in version 2.
Statuses: ``GET /api/v2/parcels/statuses``, https://sendcloud.dev/api/v2/parcel-statuses.

A message holds one change of one parcel's status. Messages may arrive in any order
(https://sendcloud.dev/api/v3/webhooks), so it is the time in them that counts. Test messages and
those about an integration hold no events.
"""

from . import adapter
