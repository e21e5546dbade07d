"""Posting a journey's webhooks, signed, and badly on purpose when asked to."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import requests

from dev import plain_imports

from . import journeys

plain_imports.enable()

from odoo.addons.shipment_visibility_carriers.adapters import (  # noqa: E402
    signature,
)

TIMEOUT = 30.0
SCHEME = "hmac_sha256"


class Memory(Protocol):
    """Where events are remembered."""

    def happened(self, events: list[journeys.Json]) -> None:
        """Remember them."""


@dataclass(frozen=True)
class Plan:
    """Which parcels travel how, and what is wrong with the messages.

    :ivar start: ISO time the journey begins; by default so that it ends now.
    :ivar pace: how long a second of the journey lasts; below 1 it goes faster.
    :ivar shuffled: all parcels' messages in a random order, which ``seed`` repeats.
    :ivar duplicated: every other message is sent a second time.
    :ivar forged: signed with a secret the receiver does not have.
    :ivar wrong_token: sent to an address that does not exist.
    """

    url: str
    numbers: Sequence[str]
    name: str = "delivered"
    signer: str = ""
    photo_url: str = ""
    start: str = ""
    pace: float = 1.0
    shuffled: bool = False
    duplicated: bool = False
    forged: bool = False
    wrong_token: bool = False
    seed: int = 0

    def events(self) -> list[journeys.Json]:
        """What happens, parcel by parcel.

        :raise ValueError: there is no such journey.
        """
        if self.name not in journeys.JOURNEYS:
            known = ", ".join(journeys.JOURNEYS)
            raise ValueError(f"no journey {self.name!r}; there are {known}")
        begin = self._begin()
        return [
            event
            for number in self.numbers
            for event in journeys.events(
                self.name, number, begin, self.signer, self.photo_url, self.pace
            )
        ]

    def _begin(self) -> dt.datetime:
        if self.start:
            return dt.datetime.fromisoformat(self.start)
        return dt.datetime.now(dt.UTC) - journeys.duration(self.name) * self.pace

    def bodies(self, events: Sequence[journeys.Json]) -> list[bytes]:
        """The messages in the order they are sent."""
        bodies = list(journeys.messages(events))
        if self.duplicated:
            bodies += bodies[::2]
        if self.shuffled:
            random.Random(self.seed).shuffle(bodies)
        return bodies


def travel(plan: Plan, secret: str, memory: Memory) -> list[int]:
    """Carry out a plan; return the HTTP statuses received, in the order sent."""
    events = plan.events()
    if not plan.forged:
        memory.happened(events)
    url = f"{plan.url}0" if plan.wrong_token else plan.url
    signing = f"not {secret}" if plan.forged else secret
    with requests.Session() as session:
        return [post(session, url, body, signing) for body in plan.bodies(events)]


def post(session: requests.Session, url: str, body: bytes, secret: str) -> int:
    """Post one signed message; return the status it is answered with."""
    headers = {"Content-Type": "application/json", **signed(body, secret)}
    return session.post(url, data=body, headers=headers, timeout=TIMEOUT).status_code


def signed(body: bytes, secret: str) -> dict[str, str]:
    """The headers that prove who sent this body, now."""
    return signature.scheme(SCHEME).sign(body, secret, dt.datetime.now(dt.UTC))
