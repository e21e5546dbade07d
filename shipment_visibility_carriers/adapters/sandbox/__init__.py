"""A whole carrier in one process: the embedded default, for trying out, demos and tests.

It needs no network and no contract, buys nothing, and answers the same to the same question:
prices follow from weight, size and countries, and tracking numbers from the idempotency key, so
booking twice under one key is one shipment. What only a memory can answer is answered by a
carrier of its own process, whose address is the credential ``base_url``; it is spoken to with the
same messages, and then events, cancelled labels and ``find_by_reference`` are real. Without it
nothing is tracked and nothing can be looked up.

The messages, all JSON, with ``Authorization: Bearer <api_key>``::

    POST /v1/rates                      what a shipment would cost
    POST /v1/drafts                     {"id": ...}: keep it to be bought, with Idempotency-Key
    POST /v1/shipments                  buy it, or the draft it names; with Idempotency-Key
    POST /v1/shipments/<id>/void        cancel it
    GET  /v1/shipments?reference=<key>  {"shipments": [...]} bought under this key
    GET  /v1/shipments?draft=<id>       {"shipments": [...]} bought of this draft
    GET  /v1/tracking?numbers=<a>,<b>   {"events": [...]}
    POST /v1/addresses/check            {"deliverable": ..., "addresses": [...]}
    GET  /v1/points?country=...         {"points": [...]}: three, nearest first
    POST /v1/pickups                    have parcels fetched; with Idempotency-Key
    POST /v1/pickups/<id>/cancel        call it off
    POST /v1/manifests                  {"shipments": [<id>, ...]}: the list for the driver
    GET  /v1/balance                    {"balance": {"amount": ..., "currency": ...}}

A booking may ask for a signature (also an adult's), delivery on Saturday (Express only), insurance,
a drop-off point, and that another account pays freight or duties; what costs more is a charge of
its own. With customs items for all parcels it comes with a commercial invoice.

The credential ``two_step`` makes it an aggregator, which keeps a draft before it is bought;
``lookup`` switched off makes it a carrier that cannot say what was booked.

An error is ``{"error": {"code": ..., "message": ..., "field": ...}}``. A webhook is
``{"id": ..., "type": "tracking.updated", "events": [...]}``, signed by ``hmac_sha256``.

Trouble on request. Write one of these words anywhere into the shipment, such as the customer's
name or street, or into the API key to have it everywhere:

==================  =========================================================================
SANDBOX-REFUSE      the carrier refuses, in its own words
SANDBOX-FUNDS       the wallet holds too little: the carrier sells nothing
SANDBOX-DOWN        it is not available, and asks for a minute of patience
SANDBOX-TIMEOUT     no answer comes: after a purchase nobody knows whether it happened
SANDBOX-GARBAGE     the answer is not what the carrier documents
SANDBOX-AUTH        the API key is not accepted
SANDBOX-SLOW        the answer takes three seconds
SANDBOX-NOADDRESS   an address that is checked is none: nothing can be delivered there
==================  =========================================================================

All but the last can be limited to one operation: ``SANDBOX-RATE-``, ``SANDBOX-DRAFT-``,
``SANDBOX-BOOK-`` (also return labels), ``SANDBOX-VOID-``, ``SANDBOX-FIND-``, ``SANDBOX-TRACK-``,
``SANDBOX-ADDRESS-``, ``SANDBOX-POINTS-``, ``SANDBOX-PICKUP-``, ``SANDBOX-CANCEL-`` (a pickup),
``SANDBOX-MANIFEST-`` and ``SANDBOX-BALANCE-``, as in ``SANDBOX-BOOK-TIMEOUT``. Voiding, finding,
tracking, cancelling, balances and manifests name no address, so for them the word belongs into the
API key; the one exception is ``SANDBOX-VOID-REFUSE``, which a booked shipment remembers.

It also refuses like any carrier: a consignee without postal code (for a label also without street
or city), a parcel over 70 kg or 300 cm, dangerous goods, an insured value over 2500, a country or
service it does not know or does not combine, a pickup on a Sunday or within less than an hour.
"""

from . import adapter
