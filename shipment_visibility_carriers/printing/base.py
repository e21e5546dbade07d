"""What a printer is to us: something that takes a document, or says why it did not.

Plain Python: no Odoo, no clock. A printer is made for one use and holds no connection between
two documents.
"""

from abc import ABC, abstractmethod

PDF = "application/pdf"
ZPL = "application/zpl"
# Label format as a person chooses it -> the type of such a document.
MIMETYPES = {"PDF": PDF, "ZPL": ZPL}

# Seconds until a printer must have accepted a connection, and taken a document.
CONNECT_LIMIT = 5.0
PRINT_LIMIT = 20.0


class PrinterError(Exception):
    """The document was not printed, or nobody knows.

    :cvar retry: whether the same may simply be tried again later, without printing twice.
    """

    retry = False


class PrinterAway(PrinterError):
    """Off, out of reach or busy. Nothing was printed."""

    retry = True


class PrintRefused(PrinterError):
    """The printer does not take this document, or is not set up. Nothing was printed."""


class PrintUnknown(PrinterError):
    """The connection broke after the whole document was handed over: look at the printer."""


class Printer(ABC):
    """One printer.

    :param name: as people know it; used in error texts.
    """

    def __init__(self, name: str):
        self.name = name

    @abstractmethod
    def print(self, content: bytes, mimetype: str, title: str) -> None:
        """Hand a document over; returns when the printer has taken it.

        :param mimetype: :data:`PDF` or :data:`ZPL`.
        :param title: what the printer's own queue shows.
        :raise PrinterAway: try again later.
        :raise PrintRefused: trying again does not help.
        :raise PrintUnknown: it may have been printed.
        """
