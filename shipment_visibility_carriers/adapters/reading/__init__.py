"""How the messages of carriers are read: as documented, or refused by the name of the field."""

from .estimates import OVER, estimate, estimate_in_words, promise
from .message import Message, documented, read
from .places import country, place
from .texts import LooseWords, Number, Text, Words, link, many, storable
from .times import Moment, RequiredTime, Time, UnixTime, moment

__all__ = [
    "OVER",
    "LooseWords",
    "Message",
    "Moment",
    "Number",
    "RequiredTime",
    "Text",
    "Time",
    "UnixTime",
    "Words",
    "country",
    "documented",
    "estimate",
    "estimate_in_words",
    "link",
    "many",
    "moment",
    "place",
    "promise",
    "read",
    "storable",
]
