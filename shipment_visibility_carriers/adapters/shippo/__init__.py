"""Shippo: what its tracking webhooks say.

Payload: https://docs.goshippo.com/docs/tracking/webhooks and the models ``WebhookPayloadTrack``,
``Track`` and ``TrackingStatus`` of https://github.com/goshippo/shippo-python-sdk. Statuses:
https://docs.goshippo.com/docs/tracking/tracking.

A message holds one parcel with its whole history. Messages that are marked as a test hold no
events, and neither do those of transactions and batches. API versions before 2018-02-08 send a
label's transaction where later ones send the parcel: that is refused, with what to change.
"""

from . import adapter
