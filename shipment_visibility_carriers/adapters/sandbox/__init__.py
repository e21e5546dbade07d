"""A whole carrier in one process: the embedded default, for trying out, demos and tests.

It needs no network and no contract, buys nothing, and answers the same to the same question:
prices follow from weight, size and countries, and tracking numbers from the idempotency key, so
booking twice under one key is one shipment. What only a memory can answer is answered by a
carrier of its own process, whose address is the credential ``base_url``; it is spoken to with the
same messages, and then events, cancelled labels and ``find_by_reference`` are real. Without it
nothing is tracked and nothing can be looked up.

The messages, all JSON, with ``Authorization: Bearer <api_key>``::

    POST /v1/rates                      what a shipment would cost
    POST /v1/shipments                  buy it; Idempotency-Key is required
    POST /v1/shipments/<id>/void        cancel it
    GET  /v1/shipments?reference=<key>  {"shipments": [...]} bought under this key
    GET  /v1/tracking?numbers=<a>,<b>   {"events": [...]}

An error is ``{"error": {"code": ..., "message": ..., "field": ...}}``. A webhook is
``{"id": ..., "type": "tracking.updated", "events": [...]}``, signed by ``hmac_sha256``.

Trouble on request. Write one of these words anywhere into the shipment, such as the customer's
name or street, or into the API key to have it everywhere:

==================  =========================================================================
SANDBOX-REFUSE      the carrier refuses, in its own words
SANDBOX-DOWN        it is not available, and asks for a minute of patience
SANDBOX-TIMEOUT     no answer comes: after a purchase nobody knows whether it happened
SANDBOX-GARBAGE     the answer is not what the carrier documents
SANDBOX-AUTH        the API key is not accepted
SANDBOX-SLOW        the answer takes three seconds
==================  =========================================================================

Each can be limited to one operation: ``SANDBOX-RATE-``, ``SANDBOX-BOOK-`` (also return labels),
``SANDBOX-VOID-`` and ``SANDBOX-TRACK-``, as in ``SANDBOX-BOOK-TIMEOUT``. Cancelling and tracking
name no address, so for them the word belongs into the API key; the one exception is
``SANDBOX-VOID-REFUSE``, which a booked shipment remembers.

It also refuses like any carrier: a consignee without postal code (for a label also without street
or city), a parcel over 70 kg or 300 cm, an insured value over 2500, a country or service it does
not know or does not combine.
"""

from . import adapter
