"""What EasyPost says when it refuses, in one line a person can read.

https://docs.easypost.com/docs/errors: ``errors`` holds objects or plain texts.
"""

import json
from typing import Any


def parse_problem(body: bytes) -> str | None:
    """The words of an error, or ``None`` when the body is none of EasyPost's."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(error, dict):
        return _joined(_texts(error)) or None
    words = _texts(error.get("message"))
    details = [text for text in _texts(error.get("errors")) if text not in words]
    told = ": ".join(filter(None, [_joined(words), _joined(details)]))
    code = error.get("code")
    if not told:
        return str(code) if code else None
    return f"{told} ({code})" if code else told


def joined_errors(errors: Any) -> str:
    """The words of a list of field errors, each once."""
    return _joined(_texts(errors))


def _texts(value: Any) -> list[str]:
    """All texts in a message, a list of messages, or a field's error, each once."""
    if isinstance(value, str):
        found = [value.strip().rstrip(".")]
    elif isinstance(value, list):
        found = [text for item in value for text in _texts(item)]
    elif isinstance(value, dict) and "message" in value:
        found = _texts(value["message"])
        if found and (suggestion := value.get("suggestion")):
            found[-1] += f" (suggestion: {suggestion})"
    elif isinstance(value, dict):
        found = [
            f"{name}: {text}" for name, item in value.items() for text in _texts(item)
        ]
    else:
        found = []
    return list(dict.fromkeys(filter(None, found)))


def _joined(texts: list[str]) -> str:
    return "; ".join(texts)
