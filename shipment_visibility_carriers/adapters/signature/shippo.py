"""Shippo: its tracking webhooks, where Shippo has switched the signature on."""

from .base import register
from .own import HmacSha256


@register("shippo")
class Shippo(HmacSha256):
    """``Shippo-Auth-Signature: t=<unix>,v1=<hex>``, the HMAC-SHA256 being of ``<unix>.<body>``.

    As the README of Shippo's package ``@shippo/ucp-fulfillment`` has it. The secret is issued
    by Shippo's support; until there is one, Shippo signs nothing, and the endpoint is one of a
    static token or of none. Shippo names no time limit: ours is five minutes to both sides.
    https://docs.goshippo.com/docs/tracking/webhook-security
    """

    name = "Shippo"
    header = "Shippo-Auth-Signature"
