"""The way to EasyPost: address, key, and what an answer that says no means."""

from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr

from ..base import Credentials
from ..errors import AuthFailed, MalformedMessage, NoFunds, Refused
from ..transport import Transport, lost
from ..wire import Answer
from .problems import parse_problem

# https://docs.easypost.com/docs/authentication: a key is of one mode, and says which.
_TEST_KEY, _PRODUCTION_KEY = "EZTK", "EZAK"
# No refusal although it is a 4xx: what was asked may have been done.
_NOT_IN_TIME = 408
# https://docs.easypost.com/guides/errors-guide: "a lack of billing information or insufficient
# funds". Both end when money is there.
_PAYMENT_REQUIRED = 402


class EasyPostCredentials(Credentials):
    """An API key of EasyPost's, of the mode that the account is in."""

    api_key: SecretStr = Field(
        title="API Key",
        description="The test key begins with EZTK, the production key with EZAK.",
        min_length=1,
    )
    carrier_accounts: str = Field(
        default="",
        title="Carrier Accounts",
        description="Ids (ca_...) separated by commas, to offer only these carriers. "
        "Empty for all.",
        pattern=r"^(\s*ca_\w+\s*(,\s*ca_\w+\s*)*)?$",
    )
    base_url: str = Field(
        default="https://api.easypost.com",
        title="Address",
        # The key goes to EasyPost, or to a test server on this machine, and nowhere else.
        pattern=r"^(https://([a-z0-9-]+\.)*easypost\.com"
        r"|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?)/?$",
    )

    @property
    def accounts(self) -> list[str]:
        """The ids in ``carrier_accounts``."""
        return [
            part.strip() for part in self.carrier_accounts.split(",") if part.strip()
        ]


class Line:
    """Asks EasyPost in the name of one operation.

    :ivar operation: what the journal calls all that is asked.
    """

    def __init__(
        self,
        transport: Transport,
        credentials: EasyPostCredentials,
        production: bool,
        operation: str,
    ):
        self.operation = operation
        self._transport = transport
        self._credentials = credentials
        self._production = production
        self._base = credentials.base_url.rstrip("/")

    def ask(
        self,
        method: str,
        *path: str,
        payload: Any = None,
        params: dict[str, str] | None = None,
        idempotent: bool | None = None,
    ) -> Answer:
        """The answer, whether it is a yes or a no.

        :param path: its parts, such as ``"shipments", "shp_1", "buy"``.
        :raise AuthFailed: the key is not of the account's mode; nothing was sent.
        :raise CarrierError: there is no answer, as :class:`Transport` tells it.
        """
        self._check_mode()
        steps = "/".join(quote(part, safe="") for part in path)
        answer = self._transport.send(
            self.operation,
            method,
            f"{self._base}/v2/{steps}",
            params=params,
            json=payload,
            auth=(self._credentials.api_key.get_secret_value(), ""),
            idempotent=idempotent,
        )
        if answer.status == _NOT_IN_TIME:
            harmless = method == "GET" if idempotent is None else idempotent
            raise lost("EasyPost's own carrier did not answer in time.", harmless)
        return answer

    def told(self, method: str, *path: str, **content) -> bytes:
        """The body of a yes.

        :raise Refused: EasyPost said no, in its words.
        """
        answer = self.ask(method, *path, **content)
        if not answer.ok:
            raise self.refusal(answer)
        return answer.body

    def refusal(self, answer: Answer) -> Refused:
        """The error for an answer that says no."""
        words = parse_problem(answer.body)
        words = words or f"EasyPost refused and gave no reason ({answer.status})."
        error = NoFunds if answer.status == _PAYMENT_REQUIRED else Refused
        return error(self._transport.masked(words))

    def download(self, url: str) -> bytes:
        """A file of EasyPost's, which lies on another host. That host never gets the key.

        :raise MalformedMessage: it is not where EasyPost keeps files, or it is empty.
        :raise Refused: it is not there.
        """
        parts = urlsplit(url)
        if parts.scheme != "https" and not url.startswith(f"{self._base}/"):
            raise MalformedMessage("EasyPost named a file at an unsafe address.")
        answer = self._transport.send(self.operation, "GET", url)
        if not answer.ok:
            raise Refused(f"A file of EasyPost's is not there ({answer.status}).")
        if not answer.body:
            raise MalformedMessage("A file of EasyPost's is empty.")
        return answer.body

    def _check_mode(self) -> None:
        key = self._credentials.api_key.get_secret_value()
        if self._production and key.startswith(_TEST_KEY):
            raise AuthFailed(
                "This is a production account with a test key of EasyPost's (EZTK), which "
                "buys no valid labels. Enter the production key."
            )
        if not self._production and key.startswith(_PRODUCTION_KEY):
            raise AuthFailed(
                "This is a test account with a production key of EasyPost's (EZAK), which "
                "would buy real labels. Enter the test key."
            )
