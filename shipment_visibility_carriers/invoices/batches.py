"""A file's lines in batches: read ahead, and taken side by side."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from .document import Invoice, InvoiceFileError, Line
from .occurrences import Occurrences

# A file with more rows that cannot be read is not what it was taken for.
MOST_REFUSED = 1_000


class TooManyRefused(Exception):
    """More rows than that cannot be read.

    :ivar limit: how many may be wrong.
    :ivar last: the row that was one too many.
    """

    def __init__(self, limit: int, last: InvoiceFileError) -> None:
        super().__init__(str(last))
        self.limit = limit
        self.last = last


@dataclass(slots=True)
class Batch:
    """Some rows of a file, one behind the other.

    :ivar lines: each with its ordinal, see :mod:`.occurrences`.
    :ivar heads: the invoices they stand on, each with the currencies that lines name.
    :ivar errors: rows that could not be read.
    :ivar row: the last of them.
    """

    lines: list[tuple[Line, int]] = field(default_factory=list)
    heads: set[tuple[Invoice, str]] = field(default_factory=set)
    errors: list[InvoiceFileError] = field(default_factory=list)
    row: int = 0

    def __len__(self) -> int:
        return len(self.lines) + len(self.errors)


def batches(lines: Iterator[Line], begin: int, size: int) -> Iterator[Batch]:
    """What stands behind the row ``begin``, in batches of some ``size`` lines.

    All lines of a row are in the same batch, so that reading can go on behind one.

    :raise TooManyRefused: behind the batches before; the file is not what it was taken for.
    :raise InvoiceFileError: behind the batches before; it cannot be read on.
    """
    occurrences, refused = Occurrences(), 0
    batch, invoice, currency = Batch(), None, ""
    ended: Exception | None = None
    while ended is None:
        try:
            line = next(lines, None)
        except InvoiceFileError as error:
            refused += 1
            if error.row is None:
                ended = error
            elif refused > MOST_REFUSED:
                ended = TooManyRefused(MOST_REFUSED, error)
            elif error.row > begin:
                batch.errors.append(error)
                batch.row = error.row
            continue
        if line is None:
            break
        # Also of lines that are passed over: the next of them is another occurrence.
        ordinal = occurrences.count(line)
        if line.row <= begin:
            continue
        if len(batch) >= size and line.row != batch.row:
            yield batch
            batch, invoice = Batch(), None
        batch.lines.append((line, ordinal))
        batch.row = line.row
        if line.invoice is not invoice or line.currency != currency:
            invoice, currency = line.invoice, line.currency
            batch.heads.add((invoice, currency))
    if batch:
        yield batch
    if ended:
        raise ended


def ahead(found: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches; the next is read while one is dealt with."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, found, None)
        while batch := coming.result():
            coming = reader.submit(next, found, None)
            yield batch


@contextmanager
def lanes(count: int) -> Iterator[Callable[[Callable], None]]:
    """Have things done side by side, and finished in the order they were asked for.

    Each is a function of another one, which waits until what was asked for before is done, and
    raises what went wrong with it. With one lane things are done at once, by the caller.

    :return: takes such a function; waits as long as all lanes are busy; raises what went wrong.
    """
    if count < 2:
        yield lambda work: work(lambda: None)
        return
    pending: deque[Future] = deque()

    def put(work: Callable) -> None:
        before = pending[-1] if pending else None
        while len(pending) >= count:
            pending.popleft().result()
        pending.append(pool.submit(work, before.result if before else lambda: None))

    with ThreadPoolExecutor(count) as pool:
        yield put
        while pending:
            pending.popleft().result()
