"""Trouble on request; the words are explained where the sandbox is."""

import re
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong. A carrier simulator behaves accordingly over HTTP."""

    REFUSE = "REFUSE"
    FUNDS = "FUNDS"
    DOWN = "DOWN"
    TIMEOUT = "TIMEOUT"
    GARBAGE = "GARBAGE"
    AUTH = "AUTH"
    SLOW = "SLOW"


RETRY_AFTER_SECONDS = 60
SLOW_SECONDS = 3.0
GARBAGE = b"<html><body><h1>It works!</h1></body></html>"

# What a word can be limited to.
OPERATIONS = (
    *("rate", "draft", "book", "void", "find", "list", "track"),
    *("address", "points", "pickup", "cancel", "manifest", "balance"),
)

_WORD = re.compile(
    rf"SANDBOX-(?:({'|'.join(OPERATIONS).upper()})-)?({'|'.join(Fault)})\b",
    re.IGNORECASE,
)


def find(operation: str, *texts: str) -> Fault | None:
    """The trouble that the first word in ``texts`` asks for during ``operation``.

    :param operation: one of :data:`OPERATIONS`.
    """
    for text in texts:
        for only, fault in _WORD.findall(text):
            if not only or only.lower() == operation:
                return Fault(fault.upper())
    return None
