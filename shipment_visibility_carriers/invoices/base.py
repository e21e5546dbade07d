"""The contract of a format of invoices, and the registry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, ClassVar, TypeVar

from .document import InvoiceFileError, Line

Record = TypeVar("Record")


class InvoiceFormat:
    """One layout of a carrier's invoices. Subclass, set the attributes, override ``read``.

    :cvar code: the registry key, lower case; filled by :func:`register`.
    :cvar title: the layout's name as finance people know it.
    :cvar needs_mapping: it is made with a saved mapping of columns, ``format(mapping)``;
        all others are made without arguments.
    """

    code: ClassVar[str] = ""
    title: ClassVar[str] = ""
    needs_mapping: ClassVar[bool] = False

    # No model: there is no read of Odoo to call.
    # pylint: disable-next=method-required-super
    def read(self, stream: BinaryIO, after_row: int = 0) -> Iterator[Line]:
        """The charges in the order of the file; the stream is read once, a record at a time.

        All charges of a record come, or none and an error. The iterator may be asked on after
        an error that has a row: it goes on behind that row, or ends when it cannot.

        :param stream: at its beginning, not zipped.
        :param after_row: only the charges behind this record, to go on after an interruption.
        :raise InvoiceFileError: at once or while the iterator is asked; without a row
            when the file as a whole is not what it should be.
        """
        raise NotImplementedError

    @classmethod
    def recognise(cls, head: bytes) -> bool:
        """Whether a file that begins like this, with up to 64 KB, has this layout."""
        return False


class Lines:
    """Charges out of records; see :meth:`InvoiceFormat.read` for how errors pass."""

    def __init__(
        self,
        records: Iterator[tuple[int, Record]],
        parse: Callable[[int, Record], Sequence[Line]],
    ) -> None:
        self._records = records
        self._parse = parse
        self._pending: Iterator[Line] = iter(())

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> Line:
        while True:
            for line in self._pending:
                return line
            self._pending = iter(self._parse(*next(self._records)))


_registry: dict[str, type[InvoiceFormat]] = {}


def register(code: str) -> Callable[[type[InvoiceFormat]], type[InvoiceFormat]]:
    """Class decorator: make a format known under ``code``.

    :raise ValueError: another class already has this code.
    """

    def _register(format_class):
        if code in _registry:
            raise ValueError(f"invoice format {code!r} is already registered")
        format_class.code = code
        _registry[code] = format_class
        return format_class

    return _register


def formats() -> Mapping[str, type[InvoiceFormat]]:
    """All registered formats by code, of every addon this process has loaded."""
    return dict(_registry)


def format_class(code: str) -> type[InvoiceFormat]:
    """The class registered under ``code``.

    :raise KeyError: no format has this code.
    """
    return _registry[code]


def detect(head: bytes) -> type[InvoiceFormat]:
    """The format of a file that begins like this, with up to 64 KB.

    :raise InvoiceFileError: none or several recognise it; the user has to say.
    """
    found = [each for each in _registry.values() if each.recognise(head)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(each.title for each in found)
        raise InvoiceFileError(f"The file could be any of {names}; choose the format.")
    raise InvoiceFileError(
        "The file is in no known format; choose the format, or map its columns."
    )
