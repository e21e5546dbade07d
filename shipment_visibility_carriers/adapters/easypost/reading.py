"""Parts that EasyPost's answers have in common."""

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ..reading import documented, read

__all__ = ["Amount", "Currency", "Message", "Text", "documented", "found_date", "read"]


class Message(BaseModel):
    """Base of what EasyPost sends: fields come and go, and numbers also come as text."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _written(value: object) -> object:
    """EasyPost writes null where there is nothing. PostgreSQL stores no NUL."""
    if value is None:
        return ""
    return value.replace("\0", "") if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_written)]
Amount = Annotated[Decimal, Field(max_digits=18)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


def found_date(text: str) -> dt.date | None:
    """The calendar date in ``2024-08-05T00:00:00Z``; the rest says nothing.

    The fields that hold such a text are dates, as the local date beside them shows
    (https://docs.easypost.com/docs/trackers).
    """
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
