"""FedEx, as far as it tells by itself: Advanced Integrated Visibility. It is asked nothing.

What FedEx documents of its messages: that they hold ``output.completeTrackResults`` of the Track
API (``TestWebhookOutputVO``, published with
https://developer.fedex.com/api/en-us/catalog/shipment-visibility-webhook/docs.html), that updates
may arrive out of order and are ordered by the scan's time, and the codes of the events (the tables
"Tracking Status Codes" and "Status Code and Statuses for Webhook Tracking Events" of
https://developer.fedex.com/api/en-us/guides/api-reference.html).

What it does not document well enough, and what is done about it: which fields of a result are
always there (only the numbers, the time of a scan and the shape are insisted on); how
``exceptionCode`` divides an exception (it is part of the raw code, so that it can be mapped); and
an id of a message or an event (the content of an event is its identity).
"""

from . import adapter
