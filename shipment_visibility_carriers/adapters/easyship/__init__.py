"""Easyship, as far as it tells by itself: it ships with many couriers. It is asked nothing.

Messages: https://developers.easyship.com/reference/shipmenttrackingcheckpointscreated and
https://developers.easyship.com/reference/shipmenttrackingstatuschanged. Subscribe to
``shipment.tracking.checkpoints.created``: only its checkpoints say when something happened.
``shipment.tracking.status.changed`` and ``shipment.cancelled`` hold a status and no time at all,
and a time of our own would make the same message another event whenever it is sent again. So
they give no events; the status also stands beside the checkpoints, where it is read.

There is no id of a message or a checkpoint (``order_number`` may be counted anew), so the content
is the identity. Messages about labels, batches and the like give no events.
"""

from . import adapter
