"""Texts and numbers of a message, as PostgreSQL can store them."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

_LONGEST_LINK = 1000


def storable(text: str) -> str:
    """A text that PostgreSQL can store.

    :raise ValueError: it holds NUL.
    """
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


def _as_text(value: object) -> object:
    """Some numbers come as a JSON number; ``True`` is none."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def _written(value: object) -> object:
    """Sources write null where there is nothing."""
    return "" if value is None else value


# A text where a carrier documents one. No column of ours needs more.
Text = Annotated[str, Field(max_length=2000), AfterValidator(storable)]
# Null is an empty text. However long: what is stored is cut by ``TrackingEvent``.
Words = Annotated[str, BeforeValidator(_written), AfterValidator(storable)]
# As what hundreds of carriers write is passed on: a number may stand for a text.
LooseWords = Annotated[Words, BeforeValidator(_as_text)]
# A parcel's number.
Number = Annotated[
    str,
    Field(min_length=1, max_length=128),
    BeforeValidator(_as_text),
    AfterValidator(storable),
]


def many(model: type) -> Any:
    """A list of ``model``, which may also be null or left out."""
    return Annotated[
        list[model],
        BeforeValidator(lambda value: [] if value is None else value),
        Field(default=[]),
    ]


def link(text: str) -> str:
    """An address a browser may open; empty when it is none."""
    is_link = text.startswith(("https://", "http://")) and len(text) <= _LONGEST_LINK
    return text if is_link else ""
