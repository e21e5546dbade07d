"""The sandbox's numbers. All follow from the idempotency key, so that it needs no memory."""

import hashlib
import re
from collections.abc import Iterable

PARCEL_PREFIX = "SBX"
MASTER_PREFIX = "SBM"
# 15 digits: among a million parcels two alike are less likely than 1 to 1000.
_DIGITS = 15
_TRACKING_NUMBER = re.compile(rf"(?:{PARCEL_PREFIX}|{MASTER_PREFIX})[0-9]{{16}}")
_SHIPMENT_ID = re.compile(r"shp_[0-9a-f]{24}(?:_final)?")
_FINAL = "_final"


def tracking_number(key: str, position: int) -> str:
    """The number of the parcel at this position of the shipment booked under ``key``."""
    return _number(PARCEL_PREFIX, f"{key}\n{position}")


def master_number(key: str) -> str:
    """The number that names all parcels of the shipment booked under ``key``."""
    return _number(MASTER_PREFIX, key)


def shipment_id(key: str, final: bool = False) -> str:
    """The carrier's id of the shipment; ``final`` makes one that cannot be voided."""
    return f"shp_{_digest(key, 'id')}{_FINAL if final else ''}"


def draft_id(key: str) -> str:
    """The carrier's id of the draft made under ``key``."""
    return f"dft_{_digest(key, 'draft')}"


def pickup_id(key: str) -> str:
    """The carrier's id of the pickup ordered under ``key``."""
    return f"pkp_{_digest(key, 'pickup')}"


def confirmation(pickup: str) -> str:
    """The number that a driver knows a pickup by."""
    return f"PU{int(pickup.removeprefix('pkp_'), 16) % 10**8:08}"


def manifest_id(shipment_ids: Iterable[str]) -> str:
    """The carrier's id of the list of these shipments, in whatever order they are named."""
    return f"man_{_digest(*sorted(shipment_ids))}"


def invoice_number(key: str) -> str:
    """The number of the commercial invoice of the shipment booked under ``key``."""
    return f"CI{int(_digest(key, 'invoice'), 16) % 10**8:08}"


def is_draft_id(text: str) -> bool:
    """Whether it could be a draft's id."""
    return bool(re.fullmatch(r"dft_[0-9a-f]{24}", text))


def is_pickup_id(text: str) -> bool:
    """Whether it could be a pickup's id."""
    return bool(re.fullmatch(r"pkp_[0-9a-f]{24}", text))


def is_tracking_number(number: str) -> bool:
    """Whether the form and the check digit are right, as a scanner tests it."""
    return bool(_TRACKING_NUMBER.fullmatch(number)) and (
        check_digit(number[3:-1]) == number[-1]
    )


def is_shipment_id(text: str) -> bool:
    """Whether it could be an id of ours."""
    return bool(_SHIPMENT_ID.fullmatch(text))


def is_final(text: str) -> bool:
    """Whether the id says that the shipment cannot be voided."""
    return text.endswith(_FINAL)


def check_digit(digits: str) -> str:
    """The modulo 10 check digit of GS1: weights 3 and 1 in turn, from the right."""
    total = sum(
        int(digit) * (1 if index % 2 else 3)
        for index, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def _digest(*seeds: str) -> str:
    return hashlib.sha256("\n".join(seeds).encode()).hexdigest()[:24]


def _number(prefix: str, seed: str) -> str:
    digest = hashlib.sha256(f"{prefix}\n{seed}".encode()).digest()
    digits = str(int.from_bytes(digest) % 10**_DIGITS).zfill(_DIGITS)
    return f"{prefix}{digits}{check_digit(digits)}"
