"""The simulator as an object: start it, command it, stop it."""

import json
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from dev.environment import paths

TIMEOUT = 120.0
STOP_SECONDS = 5.0


@dataclass
class Simulator:
    """A carrier in a process of its own, for as long as the ``with`` block lasts.

    :ivar secret: what it signs webhooks with.
    """

    secret: str = field(default_factory=secrets.token_hex)
    target: str = ""
    port: int = 0
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Simulator":
        options = ("--port", str(self.port), "--secret", self.secret)
        self.process = subprocess.Popen(
            [
                *(paths.PYTHON, "-m", "dev.simulator", "--until-eof"),
                *(*options, "--target", self.target),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=paths.ROOT,
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator ended with {self.process.wait()}")
        self.port = json.loads(line)["port"]
        return self

    def __exit__(self, *_exception: object) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody answers for as long as the block lasts; what was sold is forgotten."""
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()

    def journey(
        self, url: str, numbers: Sequence[str], name: str, **options: Any
    ) -> list[int]:
        """Let parcels travel and post what happens; return the HTTP statuses received.

        :param url: the webhook's address.
        :param name: a journey of :data:`.journeys.JOURNEYS`.
        :param options: further fields of :class:`.webhooks.Plan`.
        """
        plan = {"url": url, "numbers": list(numbers), "name": name, **options}
        return self._command("journey", plan)["statuses"]

    def behave(self, **changes: Any) -> None:
        """Change how orders are taken: see :class:`.carrier.Behaviour`."""
        self._command("behaviour", changes)

    def purchases(self, reference: str | None = None) -> list[dict[str, Any]]:
        """What was bought, of one delivery or of all."""
        answer = requests.get(f"{self.url}/control/purchases", timeout=TIMEOUT)
        answer.raise_for_status()
        return [
            one
            for one in answer.json()["purchases"]
            if reference in (None, one["reference"])
        ]

    def pickups(self) -> list[dict[str, Any]]:
        """The drivers that were ordered, in order."""
        answer = requests.get(f"{self.url}/control/pickups", timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()["pickups"]

    def _command(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(
            f"{self.url}/control/{name}", json=payload, timeout=TIMEOUT
        )
        if not answer.ok:
            raise ValueError(answer.json()["error"]["message"])
        return answer.json()
