"""The way to UPS: an address, a token, the headers every request has, and what a "no" means."""

import hashlib
import uuid
from typing import Any

from ..errors import AuthFailed, Refused
from ..transport import Transport
from ..wire import Answer
from .auth import TOKENS, fetch_token, token_key
from .common import parse_problem, words

TEST_URL = "https://wwwcie.ups.com"
PRODUCTION_URL = "https://onlinetools.ups.com"
SOURCE = "shipment-visibility"
_LONGEST_TRANSACTION = 32


class Line:
    """Sends one account's requests. Lives as long as one operation.

    :param client: client id and secret.
    """

    def __init__(
        self,
        transport: Transport,
        base_url: str,
        client: tuple[str, str],
        account_number: str,
    ):
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._client = client
        self._account_number = account_number
        self._tokens = TOKENS
        self._key = token_key(self._base_url, *client, account_number)

    def ask(self, operation: str, method: str, path: str, **content: Any) -> Answer:
        """As :meth:`send`; a "no" of UPS's raises.

        :raise Refused: with UPS's words and the code of its reason.
        """
        answer = self.send(operation, method, path, **content)
        if not answer.ok:
            raise self.refusal(answer)
        return answer

    def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        key: str = "",
        headers: dict[str, str] | None = None,
        **content: Any,
    ) -> Answer:
        """Send one request below ``/api``. ``key`` becomes UPS's id of the transaction.

        A token that is refused though it should last is renewed, once: a 401 is given
        before anything is done, so asking again buys nothing twice.
        """
        transaction = transaction_id(key)

        def carry_out(token: str) -> Answer:
            return self._transport.send(
                operation,
                method,
                f"{self._base_url}/api{path}",
                headers={
                    "Authorization": f"Bearer {token}",
                    "transId": transaction,
                    "transactionSrc": SOURCE,
                    **(headers or {}),
                },
                **content,
            )

        token, fresh = self._token(operation)
        try:
            return carry_out(token)
        except AuthFailed:
            self._tokens.forget(self._key, token)
            if fresh:
                raise
        token, _fresh = self._token(operation)
        return carry_out(token)

    def refusal(self, answer: Answer) -> Refused:
        """The error for an answer that is a "no"."""
        said = words(parse_problem(answer.body))
        return Refused(
            self._transport.masked(
                said or f"UPS refused and gave no reason ({answer.status})."
            )
        )

    def _token(self, operation: str) -> tuple[str, bool]:
        token, fresh = self._tokens.get(
            self._key,
            lambda: fetch_token(
                self._transport,
                operation,
                self._base_url,
                self._client,
                self._account_number,
            ),
            self._transport.timeout,
        )
        # A token of an earlier operation is not known to this one's journal yet.
        self._transport.conceal([token])
        return token, fresh


def transaction_id(key: str) -> str:
    """At most 32 characters: the key, or its digest where it fits no header; else by chance."""
    if not key:
        return uuid.uuid4().hex
    if len(key) <= _LONGEST_TRANSACTION and key.isascii():
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:_LONGEST_TRANSACTION]
