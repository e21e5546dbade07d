"""How a webhook proves who sent it: one small class a scheme, over the raw bytes of the body.

A scheme refuses by raising :class:`SignatureError`. Whatever is missing, doubled, unreadable or
too old is refused, and so is everything while no secret is set.
"""

from . import body, easyship, own, shipengine, shippo, standard, tokens
from .base import (
    Assurance,
    Settings,
    SignatureError,
    SignatureScheme,
    register,
    scheme,
    schemes,
)
from .keyset import KeySet
