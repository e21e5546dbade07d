"""Reading a message: as documented, or refused by the name of the field."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import MalformedMessage

_MOST_REASONS = 3


class Message(BaseModel):
    """Base of what a source sends. Fields it may add one day are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


_Model = TypeVar("_Model", bound=BaseModel)


def read(model: type[_Model], body: bytes) -> _Model:
    """The message in ``body``.

    :raise MalformedMessage: with the names of the wrong fields, and none of their values.
    """
    with documented():
        return model.model_validate_json(body)


@contextmanager
def documented(prefix: str = "") -> Iterator[None]:
    """Turn what is impossible into what the carrier did wrong, by names below ``prefix``."""
    try:
        yield
    except ValidationError as error:
        raise MalformedMessage(_reasons(error, prefix)) from None


def _reasons(error: ValidationError, prefix: str) -> str:
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    reasons = [
        _reason(one["loc"], one["msg"], prefix) for one in errors[:_MOST_REASONS]
    ]
    if len(errors) > _MOST_REASONS:
        reasons.append(f"and {len(errors) - _MOST_REASONS} more")
    return "; ".join(reasons)


def _reason(place: tuple[int | str, ...], text: str, prefix: str) -> str:
    field = ".".join(filter(None, (prefix, *(str(part) for part in place))))
    return f"{field or 'message'}: {text}"
