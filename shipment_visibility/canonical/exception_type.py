"""What kind of trouble a milestone is: who deals with it differs by kind, not by carrier."""

from enum import StrEnum

from .facts import MOVED_AFTER_CANCELLATION
from .milestone import Code


class ExceptionType(StrEnum):
    """What went wrong. The values are stored; never rename one."""

    CUSTOMS_HOLD = "customs_hold"
    DELAY = "delay"
    ON_HOLD = "on_hold"
    DAMAGE = "damage"
    LOSS = "loss"
    REFUSED = "refused"
    ADDRESS = "address"
    FAILED_ATTEMPT = "failed_attempt"
    PICKUP_FAILED = "pickup_failed"
    PARTIAL = "partial"
    RETURN = "return"
    VOID_FAILED = "void_failed"
    EXPIRED = "expired"
    SILENT = "silent"
    MISSING_MILESTONE = "missing_milestone"
    NO_PROOF = "no_proof"
    NOT_HANDED_OVER = "not_handed_over"
    LATE = "late"
    BOOKING_FAILED = "booking_failed"
    COST_MISMATCH = "cost_mismatch"
    WITHDRAWN = "withdrawn"


_BY_CODE = {
    Code.PICKUP_FAILED: ExceptionType.PICKUP_FAILED,
    Code.CUSTOMS_HELD: ExceptionType.CUSTOMS_HOLD,
    Code.ATTEMPT_FAILED: ExceptionType.FAILED_ATTEMPT,
    Code.PARTIALLY_DELIVERED: ExceptionType.PARTIAL,
    Code.DELAYED: ExceptionType.DELAY,
    Code.ON_HOLD: ExceptionType.ON_HOLD,
    Code.DAMAGED: ExceptionType.DAMAGE,
    Code.LOST: ExceptionType.LOSS,
    Code.RETURNING: ExceptionType.RETURN,
    Code.RETURNED: ExceptionType.RETURN,
    Code.CANCELLED: ExceptionType.VOID_FAILED,
    Code.EXPIRED: ExceptionType.EXPIRED,
}

# Words in an adapter's reason that make another kind of it. Reasons follow the incident
# names that connectors share: consignee_refused, consignee_incorrect_address ...
_BY_REASON = (
    ("refus", ExceptionType.REFUSED),
    ("address", ExceptionType.ADDRESS),
)
# Only here does a reason say more than the code.
_REASONED = frozenset({Code.ATTEMPT_FAILED, Code.ON_HOLD, Code.DELAYED})


def exception_type(code: Code, reason: str = "") -> ExceptionType:
    """The kind of trouble that ``code`` is, which opens exceptions.

    :param reason: the reason that the source, or the mapping, gives; matched by its words.
    :raise KeyError: ``code`` opens no exception.
    """
    if reason == MOVED_AFTER_CANCELLATION:
        return ExceptionType.VOID_FAILED
    if code in _REASONED:
        for word, kind in _BY_REASON:
            if word in reason.lower():
                return kind
    return _BY_CODE[code]
