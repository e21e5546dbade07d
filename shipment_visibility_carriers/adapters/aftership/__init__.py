"""AfterShip Tracking: what its webhooks say.

Payload: https://www.aftership.com/docs/tracking/webhook/webhook-specifications and the models
``tracking`` and ``checkpoint`` beside it. Statuses: the pages ``delivery-statuses`` and
``delivery-sub-statuses`` below https://www.aftership.com/docs/tracking/enum, and for those added
in March 2026 https://support.aftership.com/en/article/learn-about-delivery-sub-statuses-1b0hdlx.

A message holds one parcel with its whole history. Versions before 2026-01 write ``zip`` where
later ones write ``postal_code``; both are read.
"""

from . import adapter
