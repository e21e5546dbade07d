"""What must not be read by who reads the journal: secrets, and files by the megabyte."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretStr

MASK = "***"
# A shorter value would be found, and masked, in the middle of ordinary words. Under a
# telling name it is masked all the same.
SHORTEST_SECRET = 4
# What is longer is cut: labels are in the booking and the attachment, whole.
LONGEST_STRING = 1_000
LONGEST_TEXT = 64_000

# Compared with names that were stripped of everything but letters and digits.
_SECRET_WORDS = (
    "password|passwd|passphrase|secret|token|apikey|accesskey|privatekey"
    "|licensekey|authorization|credential|cookie"
)
_SECRET_NAME = re.compile(_SECRET_WORDS)
# The same names where the text is no JSON: a form, a query, XML, or broken JSON. The
# bounded repetitions keep it quick on a megabyte of base64.
_LOOSE_SECRET = re.compile(
    r"""(?P<name>(?<![\w.-])[\w.-]{0,40}?(?:"""
    + _SECRET_WORDS.replace("key", "[-_]?key")
    + r""")[\w.-]{0,40}["']?\s*[=:>]\s*)"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"?|'[^']*'?|(?<=>)[^<]+|[^\s<>&,;"']+)""",
    re.IGNORECASE,
)


def is_secret_name(name: str) -> bool:
    """Whether a header, field or parameter of this name holds something secret."""
    return bool(_SECRET_NAME.search(re.sub(r"[^a-z0-9]", "", name.lower())))


def secret_values(credentials: BaseModel) -> list[str]:
    """The values of all secret fields of an account's credentials."""
    return [
        value.get_secret_value()
        for value in (
            getattr(credentials, name) for name in type(credentials).model_fields
        )
        if isinstance(value, SecretStr)
    ]


class Masker:
    """Replaces known secrets, and whatever stands under a telling name."""

    def __init__(self, secrets: Iterable[str] = ()):
        self._secrets: list[str] = []
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Mask these values too, also as they look inside a URL or base64."""
        forms = {
            form
            for secret in secrets
            if len(secret) >= SHORTEST_SECRET
            for form in (
                secret,
                quote(secret, safe=""),
                quote_plus(secret),
                base64.b64encode(secret.encode()).decode(),
            )
        }
        # A secret that contains another one goes first, or half of it would stay.
        self._secrets = sorted(forms.union(self._secrets), key=len, reverse=True)

    def values(self, text: str) -> str:
        """``text`` without the known secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def text(self, text: str) -> str:
        """A text of no certain form, such as a URL or a form, without anything secret."""
        return _LOOSE_SECRET.sub(rf"\g<name>{MASK}", self.values(text))

    def headers(self, headers: Mapping[str, str]) -> str:
        """One line a header."""
        return "\n".join(
            f"{name}: {MASK if is_secret_name(name) else self.values(str(value))}"
            for name, value in headers.items()
        )

    def body(self, body: bytes | str | None) -> str:
        """A message body as text, without anything secret, and shortened."""
        text = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            masked = self.text(text)
        else:
            masked = json.dumps(self._json(content), ensure_ascii=False, indent=1)
        return _shortened(masked, LONGEST_TEXT, keep=LONGEST_TEXT)

    def _json(self, content: Any) -> Any:
        if isinstance(content, dict):
            return {
                self.values(key): MASK
                if is_secret_name(key) and content[key] not in (None, "")
                else self._json(content[key])
                for key in content
            }
        if isinstance(content, list):
            return [self._json(item) for item in content]
        if isinstance(content, str):
            return _shortened(self.values(content), LONGEST_STRING, keep=100)
        return content


def _shortened(text: str, limit: int, keep: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:keep]}… [{len(text)} characters]"
