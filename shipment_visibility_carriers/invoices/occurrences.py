"""Which occurrence of the same charge a line is: what makes its key."""

from collections.abc import Iterable, Iterator

from .document import Line


def numbered(
    lines: Iterable[Line], counted: dict[bytes, int] | None = None
) -> Iterator[tuple[Line, int]]:
    """Each line with how many of the same fingerprint came before it in this file.

    A carrier may bill the same charge twice in one invoice; in a file that is sent again each
    finds its own key again. Lines of an invoice need not stand together, so all of a file are
    counted: about 100 bytes for each different line.

    :param counted: digest -> lines so far, kept up to date; what to hand in again, or to fill
        with :func:`digest`, when reading goes on behind a row.
    """
    counted = {} if counted is None else counted
    for line in lines:
        key = digest(line.fingerprint())
        ordinal = counted.get(key, 0)
        counted[key] = ordinal + 1
        yield line, ordinal


def digest(fingerprint: str) -> bytes:
    """Half of a fingerprint in 16 bytes: enough to tell the lines of one file apart."""
    return bytes.fromhex(fingerprint[:32])
