"""What can go wrong with a carrier, told by what the caller may do about it."""

from typing import ClassVar


class CarrierError(Exception):
    """Base of what an adapter may raise; the message is meant for the user, in the carrier's words.

    :cvar outcome: how the journal names an exchange that ended in this error.
    """

    outcome: ClassVar[str] = "failed"


class Refused(CarrierError):
    """The carrier said no for a business reason: the data must change. Nothing was bought."""

    outcome = "refused"


class NoFunds(Refused):
    """The wallet that the account pays from holds too little. Nothing was bought."""


class Unavailable(CarrierError):
    """The carrier could not be asked; nothing was bought, and it may be asked again later.

    :ivar retry_after: seconds the carrier asked us to wait, or ``None``.
    """

    outcome = "unavailable"

    def __init__(self, message: str, retry_after: float | None = None):
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(CarrierError):
    """The request may have been carried out (time-out, reset): reconcile before asking again."""

    outcome = "unknown"


class AuthFailed(CarrierError):
    """The credentials were not accepted: an administrator must act."""

    outcome = "auth_failed"


class NotSupported(CarrierError):
    """This carrier, or this adapter, cannot do what was asked."""

    outcome = "not_supported"


class MalformedMessage(CarrierError):
    """The carrier sent something that is not what it documents; the raw bytes are worth keeping."""

    outcome = "malformed"
