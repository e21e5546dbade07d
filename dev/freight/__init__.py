"""Invoices of carriers, made from a seed: a file in each layout, and what must be found in it.

``write(layout, path, lines)`` streams; 200,000 lines need no more memory than 200.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from . import dhl, fedex, mapped, ups, x12
from .parcels import Style, Truth

__all__ = ["LAYOUTS", "Style", "Truth", "mapped", "write"]

# Code of the format that reads it -> its writer.
LAYOUTS: Mapping[str, Callable[..., Truth]] = {
    "ups_billing": ups.write,
    "fedex_billing": fedex.write,
    "dhl_express": dhl.write,
    "x12_210": x12.write,
    "mapped": mapped.write,
}


def write(layout: str, path: Path, lines: int, seed: int = 0, **options) -> Truth:
    """A file with at least ``lines`` charges; the truth says how many exactly.

    :param options: ``style`` of a table; ``terminator`` of the segments of X12.
    """
    return LAYOUTS[layout](path, lines, seed, **options)
