"""Which occurrence of the same charge a line is: what makes its key."""

from .document import Line


class Occurrences:
    """The lines of a file so far: about 100 bytes for each different one.

    A carrier may bill the same charge twice in one invoice; in a file that is sent again each
    finds its own key again. Lines of an invoice need not stand together, so all of a file are
    counted, also those that are passed over when reading goes on behind a row.
    """

    def __init__(self) -> None:
        self._counted: dict[bytes, int] = {}

    def count(self, line: Line) -> int:
        """Return how many of the same fingerprint came before it in this file."""
        # Half of a fingerprint is enough to tell the lines of one file apart.
        digest = bytes.fromhex(line.fingerprint()[:32])
        ordinal = self._counted.get(digest, 0)
        self._counted[digest] = ordinal + 1
        return ordinal
