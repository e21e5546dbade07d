"""Why a message is refused: the words that are counted, logged and shown.

Plain Python. Nothing a stranger has sent is ever among them.
"""

from math import ceil

UNKNOWN = "unknown"
TOO_LARGE = "too_large"
BROKEN_OFF = "broken_off"
ADDRESS = "address"
RATE = "rate"
SOURCE = "source"
SIGNATURE = "signature"

# What the schemes say, and the word under which it is counted.
_SIGNATURE_REASONS = {
    "no secret is set": "no_secret",
    "no secret that is set can be read": "no_secret",
    "the secret that is set cannot be read": "no_secret",
    "no header is set": "settings",
    "no header can have the name that is set": "settings",
    "the algorithm or encoding that is set is unknown": "settings",
    "not signed": "unsigned",
    "signed more than once": "doubled",
    "signed too long ago, or in the future": "stale",
    "wrong signature": "wrong",
    "signed with a key that is not known": "unknown_key",
    "unreadable signature": "unreadable",
    "unreadable time of signature": "unreadable",
}

_STATUS = {
    UNKNOWN: 404,
    TOO_LARGE: 413,
    BROKEN_OFF: 400,
    ADDRESS: 403,
    RATE: 429,
    SOURCE: 429,
}
_ANSWERS = {400: "broken off", 404: "unknown", 413: "too large", 429: "too many"}


class Refusal(Exception):
    """The message is not taken.

    :ivar reason: the word for it.
    :ivar wait: the seconds after which the sender may try again; 0 where that is no use.
    """

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = ceil(wait)

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return _STATUS.get(self.reason, 401)

    @property
    def answer(self) -> str:
        """What the sender is told; it does not tell a stranger how near he was."""
        return _ANSWERS.get(self.status, "refused")

    @property
    def is_pressure(self) -> bool:
        """Whether only the number of messages is at fault."""
        return self.status == 429


def of_signature(error: Exception) -> Refusal:
    """The refusal for what a signature scheme has raised."""
    return Refusal(_SIGNATURE_REASONS.get(str(error), SIGNATURE))
