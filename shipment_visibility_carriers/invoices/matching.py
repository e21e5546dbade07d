"""By which numbers a billed parcel may be known to us."""

import re

SEPARATORS = re.compile(r"[\s.\-_/]+")
# FedEx bills Ground parcels by a prefix and an id; its barcodes end in the id, of 12 or 15
# digits. General knowledge: no page of the carrier was read.
PARTS = (15, 12)


def number_candidates(number: str) -> tuple[str, ...]:
    """The numbers to look for, the surest first, as they are compared.

    :return: the whole number without separators; of a longer one of digits alone also its end.
    """
    whole = SEPARATORS.sub("", number or "").upper()
    if not whole:
        return ()
    parts = [whole[-size:] for size in PARTS if whole.isdigit() and len(whole) > size]
    return (whole, *parts)
