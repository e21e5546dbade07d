"""Easyship: a JSON Web Token in a header, which says nothing of the body."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import jwt

from .base import (
    NO_SETTINGS,
    Assurance,
    SignatureError,
    SignatureScheme,
    live_secrets,
    register,
    single_header,
)


@register("easyship")
class Easyship(SignatureScheme):
    """``X-EASYSHIP-SIGNATURE``: a JWT signed by HS256 with the webhook's ``webh_…`` secret.

    Its claims name the Easyship company and nothing of the message, so any token that was seen
    once can be put beside any body: this is a token, not a signature. The algorithm is ours to
    say, never the token's. A token that states when it ends or begins is held to that.
    https://developers.easyship.com/docs/webhooks
    """

    name = "Easyship"
    assurance = Assurance.TOKEN
    header: ClassVar[str] = "X-EASYSHIP-SIGNATURE"
    algorithm: ClassVar[str] = "HS256"
    tolerance: ClassVar[dt.timedelta] = dt.timedelta(minutes=5)

    # The time of reception is handed in, so the times are looked at here; the other claims are
    # not ours.
    _OPTIONS: ClassVar[dict[str, bool]] = {
        f"verify_{claim}": False
        for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
    }

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        token = single_header(headers, self.header)
        live = live_secrets(secrets)
        # All are tried, so that the time taken does not tell which one fitted.
        proven = [
            claims
            for secret in live
            if (claims := self._claims(token, secret)) is not None
        ]
        if not proven:
            raise SignatureError("wrong signature")
        self._check_times(proven[0], now)

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        claims = {"easyship_company_id": "test"}
        try:
            return {self.header: jwt.encode(claims, secret, self.algorithm)}
        except jwt.PyJWTError:
            raise SignatureError("this secret cannot sign") from None

    def _claims(self, token: str, secret: str) -> Mapping[str, Any] | None:
        try:
            return jwt.decode(
                token, secret, algorithms=[self.algorithm], options=self._OPTIONS
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            # Versions of the library differ in what gets through of a malformed token.
            return None

    def _check_times(self, claims: Mapping[str, Any], now: dt.datetime) -> None:
        """Hold the token to what it says of its own time: RFC 7519, section 4.1."""
        ends, begins = _seconds(claims, "exp"), _seconds(claims, "nbf")
        instant, tolerance = now.timestamp(), self.tolerance.total_seconds()
        # In this order, because a number of any size can be compared, but not added to.
        if ends is not None and not instant - tolerance < ends:
            raise SignatureError("signed too long ago, or in the future")
        if begins is not None and not instant + tolerance > begins:
            raise SignatureError("signed too long ago, or in the future")


def _seconds(claims: Mapping[str, Any], claim: str) -> float | None:
    """Since 1970; a claim that is not there is ``None``."""
    value = claims.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SignatureError("unreadable time of signature")
    return value
