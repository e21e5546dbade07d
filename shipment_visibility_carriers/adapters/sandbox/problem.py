"""How the sandbox says no."""

from typing import Any

Json = dict[str, Any]

# The HTTP status of "the wallet holds too little".
NO_FUNDS = 402


class Problem(Exception):
    """The carrier says no.

    :ivar status: the HTTP status it is answered with.
    :ivar code: the carrier's code of the reason.
    :ivar field: the dotted name of the field that is wrong, or empty.
    """

    def __init__(self, status: int, code: str, message: str, field: str = ""):
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field

    def body(self) -> Json:
        """The answer that tells it."""
        return {"error": {"code": self.code, "message": str(self), "field": self.field}}
