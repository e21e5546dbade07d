"""UPS, by its REST APIs: rating, shipping, void, tracking, pickup, addresses, paperless documents.

What is said and read here follows UPS's own OpenAPI files, published as
https://github.com/UPS-API/api-documentation; ``test_ups_specification.py`` holds the adapter
against them. One module an API: :mod:`.rating`, :mod:`.shipping`, :mod:`.tracking`,
:mod:`.pickup`, :mod:`.address`, :mod:`.documents`; and :mod:`.track_alert`, which reads what UPS
sends by itself. They build and read messages and are pure; :mod:`.line` sends them with a token
of :mod:`.auth`, and :mod:`.adapter` joins both.

What UPS does not offer by these files, and so this adapter does not: looking a booking up by our
reference in a way that makes a "no" certain (tracking by reference knows only what was scanned,
label recovery does not name the booking), end-of-day manifests, and finding access points.
"""

from . import adapter
