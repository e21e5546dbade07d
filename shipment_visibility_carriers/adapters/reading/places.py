"""Where it happened, and countries by two or three letters."""

import re

from babel.core import get_global

from ....shipment_visibility.canonical.schema import Location

# What ISO 3166-1 alpha-3 leaves to its users names no country: AAA to AAZ, QMA to QZZ, …
_FREE = re.compile("AA|Q[M-Z]|X|ZZ")


def country(text: str) -> str | None:
    """ISO 3166-1 alpha-2 for a code of two or three letters; nothing for anything else."""
    code = text.strip().upper()
    if len(code) == 3 and not _FREE.match(code):
        # CLDR's: https://unicode.org/reports/tr35/#territoryAlias
        known = get_global("territory_aliases").get(code, ())
        code = known[0] if len(known) == 1 else ""
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def place(
    city: str = "",
    state: str = "",
    postal_code: str = "",
    country_code: str = "",
    facility: str = "",
) -> Location | None:
    """Where it happened; ``None`` when nothing is said of it.

    :param country_code: in two or three letters; what is neither is left out.
    """
    location = Location(
        facility=facility,
        city=city,
        state=state,
        postal_code=postal_code,
        country=country(country_code),
    )
    return None if location == Location() else location
