"""Schemes that only show a token: they do not prove what is written beside it.

Whoever has seen one message can write others, so the token is worth what keeps it secret: the
encrypted connection, and what the administrator allows in front of it.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from .base import (
    NO_SETTINGS,
    Assurance,
    SignatureError,
    SignatureScheme,
    chosen_header,
    header_values,
    live_secrets,
    register,
    require_match,
    sendable,
    single_header,
)

AUTHORIZATION = "Authorization"
# The name of the scheme has no case: RFC 9110, section 11.1.
_BEARER = re.compile(r"bearer +([!-~]+)", re.IGNORECASE)


class HeaderToken(SignatureScheme):
    """The secret itself, as the whole value of a header that the administrator chooses."""

    assurance = Assurance.TOKEN
    open_settings = frozenset({"header"})

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        given = single_header(headers, chosen_header(settings.header))
        require_match(given, live_secrets(secrets))

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        return {chosen_header(settings.header): sendable(secret)}


@register("dhl_push")
class DhlPush(HeaderToken):
    """DHL Unified Push: the header and the token that were given when subscribing.

    They are the ``hook.authentication`` of the subscription. DHL lets one leave it out; then it
    sends nothing that could be checked, and every message is refused here.
    https://developer.dhl.com/api-reference/shipment-tracking-unified-push
    """

    name = "DHL Unified Push"


@register("token")
class StaticToken(HeaderToken):
    """A token in a header of the administrator's choice.

    In ``Authorization``, which is also meant where no header is chosen, the token may follow
    the word ``Bearer``.
    """

    name = "Token in a header of your choice"

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        header = chosen_header(settings.header or AUTHORIZATION)
        given = single_header(headers, header)
        if header.lower() == AUTHORIZATION.lower():
            given = _without_bearer(given)
        require_match(given, live_secrets(secrets))

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        header = chosen_header(settings.header or AUTHORIZATION)
        if header.lower() == AUTHORIZATION.lower():
            return {header: f"Bearer {sendable(secret)}"}
        return {header: sendable(secret)}


def _without_bearer(value: str) -> str:
    bearer = _BEARER.fullmatch(value)
    return bearer.group(1) if bearer else value


@register("ship24")
class Ship24(SignatureScheme):
    """``Authorization: Bearer <webhook secret>``.

    Ship24 says itself that this is no signature. It sends from 54.161.7.2, but the test of its
    dashboard from elsewhere. https://docs.ship24.com/webhooks
    """

    name = "Ship24"
    assurance = Assurance.TOKEN

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        bearer = _BEARER.fullmatch(single_header(headers, AUTHORIZATION))
        if not bearer:
            raise SignatureError("unreadable signature")
        require_match(bearer.group(1), live_secrets(secrets))

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        return {AUTHORIZATION: f"Bearer {sendable(secret)}"}


@register("ups_track_alert")
class UpsTrackAlert(SignatureScheme):
    """The token as ``x-api-key``; from the first version of the API, as ``credential``.

    ``x-api-key`` is the client id of the OAuth application through which UPS calls us:
    https://github.com/UPS-API/api-documentation, UPSTrackAlert.yaml. The OAuth token that UPS
    fetches from its customer beside it is not checked: we run no such service. ``credential``
    carries the value that was given when subscribing; UPS no longer documents it. Where both
    are there, both must be right.
    """

    name = "UPS Track Alert"
    assurance = Assurance.TOKEN
    _HEADERS: ClassVar[tuple[str, ...]] = ("x-api-key", "credential")

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        tokens = self._tokens(headers)
        live = live_secrets(secrets)
        for token in tokens:
            require_match(token, live)

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        return {self._HEADERS[0]: sendable(secret)}

    def _tokens(self, headers: Mapping[str, str]) -> list[str]:
        present = [name for name in self._HEADERS if header_values(headers, name)]
        if not present:
            raise SignatureError("not signed")
        return [single_header(headers, name) for name in present]
