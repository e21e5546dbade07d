"""Printing over IPP (RFC 8010, 8011), which office printers and CUPS speak.

The library ``pyipp`` is loaded when a printer of this kind is used, and not before.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from .base import (
    CONNECT_LIMIT,
    PRINT_LIMIT,
    ZPL,
    Printer,
    PrinterAway,
    PrintRefused,
    PrintUnknown,
)

# ZPL has no registered type: IPP printers and CUPS pass such a document on as it is.
_DOCUMENT_FORMATS = {ZPL: "application/octet-stream"}
# RFC 8011, appendix B.1.5: server errors that pass by themselves.
_PASSING = {
    0x0502,  # server-error-service-unavailable
    0x0504,  # server-error-device-error
    0x0505,  # server-error-temporary-error
    0x0506,  # server-error-not-accepting-jobs
    0x0507,  # server-error-busy
    0x050A,  # server-error-printer-is-deactivated
    0x050B,  # server-error-too-many-jobs
}


class IppPrinter(Printer):
    """A printer with an address such as ``ipp://printer:631/ipp/print``.

    :param verify: whether the certificate of an ``ipps`` printer must be valid.
    """

    def __init__(self, name: str, uri: str, verify: bool = True):
        super().__init__(name)
        self.uri = uri
        self.verify = verify

    def print(self, content: bytes, mimetype: str, title: str) -> None:
        """See :meth:`Printer.print`.

        The printer is first asked whether it would take such a document. What fails there can
        be repeated; what breaks afterwards may have been printed.
        """
        try:
            import aiohttp
            import pyipp
        except ImportError as error:
            raise PrintRefused(
                f"{self.name}: printing over IPP needs the Python package pyipp"
            ) from error
        # What the library raises when a connection breaks, and what it lets through.
        broken = (pyipp.IPPConnectionError, aiohttp.ClientError, TimeoutError)
        asyncio.run(self._print(pyipp, broken, content, mimetype, title))

    async def _print(
        self,
        pyipp,
        broken: tuple[type[Exception], ...],
        content: bytes,
        mimetype: str,
        title: str,
    ) -> None:
        operation = pyipp.enums.IppOperation
        message = {
            "operation-attributes-tag": {
                "requesting-user-name": "Odoo",
                "job-name": title,
                "document-format": _DOCUMENT_FORMATS.get(mimetype, mimetype),
            }
        }
        async with pyipp.IPP(
            self.uri, verify_ssl=self.verify, request_timeout=int(CONNECT_LIMIT)
        ) as client:
            try:
                await self._ask(client, operation.VALIDATE_JOB, message)
            except broken as error:
                raise PrinterAway(f"{self.name}: cannot be reached") from error
            except (pyipp.IPPError, ValueError) as error:
                raise self._refusal(error) from error
            client.request_timeout = int(PRINT_LIMIT)
            try:
                await self._ask(
                    client, operation.PRINT_JOB, {**message, "data": content}
                )
            except (*broken, pyipp.IPPParseError) as error:
                raise PrintUnknown(
                    f"{self.name}: the connection broke while printing"
                ) from error
            except (pyipp.IPPError, ValueError) as error:
                raise self._refusal(error) from error

    async def _ask(self, client, operation, message: Mapping[str, Any]) -> None:
        # The reading of an answer has no limit in the library.
        async with asyncio.timeout(client.request_timeout * 2):
            await client.execute(operation, message)

    def _refusal(self, error: Exception) -> PrinterAway | PrintRefused:
        """Say what the printer said: a status of its own, or one of HTTP."""
        details = error.args[1] if len(error.args) == 2 else {}
        status = details.get("status-code", 0)
        is_http = "content-type" in details
        if status in _PASSING or (is_http and status in (429, 502, 503, 504)):
            return PrinterAway(f"{self.name}: busy or stopped ({status:#06x})")
        if is_http:
            return PrintRefused(f"{self.name}: HTTP {status}")
        if status:
            return PrintRefused(
                f"{self.name}: does not take this document ({status:#06x})"
            )
        return PrintRefused(f"{self.name}: answered something else than IPP")
