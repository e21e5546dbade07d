"""Any other system: our own open format for tracking events, for whoever can send JSON.

A message is signed like the sandbox's, with scheme ``hmac_sha256``, and looks like this::

    {
        "events": [
            {
                "tracking_number": "PARCEL-0001",
                "code": "out_for_delivery",
                "occurred_at": "2026-02-03T08:15:00+01:00",
                "id": "7f3a",
                "message": "On the van of tour 12",
                "place": {"facility": "Depot 3", "city": "Lyon", "country": "FR"},
                "promised_date": "2026-02-03",
                "signed_by": "",
                "raw_code": "T12-LOADED"
            }
        ]
    }

``tracking_number``, ``code`` and ``occurred_at`` are required; the rest may be left out.
``code`` is one of ``Code`` in ``canonical.milestone``, in small letters or capitals; any other is
stored as unknown, with its text, and can be mapped. ``occurred_at`` is ISO 8601 with an offset.
With an ``id`` an event is stored once however often it is sent; without, its content is what
makes it the same. Up to 1,000 events a message; all are accepted or none. An empty list is a
good test. The whole format is :class:`.messages.InboundMessage`.
"""

from . import adapter
