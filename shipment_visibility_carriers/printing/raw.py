"""Raw printing over TCP, as nearly every label printer takes it on port 9100.

Port and behaviour: Zebra "Setting Up Raw TCP/IP Printing" and HP JetDirect (AppSocket): what is
written to the socket is printed, closing it ends the document, and nothing is answered.
"""

import socket

from .base import CONNECT_LIMIT, PRINT_LIMIT, Printer, PrinterAway

RAW_PORT = 9100


class RawPrinter(Printer):
    """A printer that prints what is written to its port.

    It does not say when it is out of paper, so a document counts as printed once it was taken.
    A document that broke off is tried again: a label is printed when its last line has arrived.
    """

    def __init__(self, name: str, host: str, port: int = RAW_PORT):
        super().__init__(name)
        self.host = host
        self.port = port

    def print(self, content: bytes, mimetype: str, title: str) -> None:
        """See :meth:`Printer.print`. The title is not shown anywhere."""
        try:
            with socket.create_connection(
                (self.host, self.port), timeout=CONNECT_LIMIT
            ) as connection:
                connection.settimeout(PRINT_LIMIT)
                connection.sendall(content)
                connection.shutdown(socket.SHUT_WR)
                self._await_end(connection)
        except OSError as error:
            raise PrinterAway(f"{self.name}: {_words(error)}") from error

    def _await_end(self, connection: socket.socket) -> None:
        """Wait until the printer has read everything, as far as it says so.

        Many keep the connection open for a while, and some close it hard: by then they have
        the document, so neither is a failure.
        """
        connection.settimeout(1)
        try:
            while connection.recv(1024):
                pass
        except OSError:
            return


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (error.strerror or str(error) or type(error).__name__).lower()
