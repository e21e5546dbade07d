"""EasyPost: one account, many carriers. JSON over HTTPS, Basic authentication by API key.

Buying takes two steps. ``prepare`` creates one EasyPost shipment a parcel, which carries the
prices of all carriers and costs nothing; ``book`` buys one price of each. EasyPost has no
shipment of several parcels that all carriers know, so the ids of its shipments are joined by
commas, and where a later parcel is refused the earlier ones are refunded.

What a source says here is one of: the recorded exchanges that ``test_easypost_recorded.py``
replays; a page below https://docs.easypost.com, named where its fact is used.
"""

from . import adapter
