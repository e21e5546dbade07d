"""Sends what is generated to a server, and judges its answers."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings

from . import forgeries, protocol, stage, tokens, wire  # noqa: F401  (they register tactics)
from .bodies import MARK

# A message that is not taken is the sender's fault; but not for coming too often.
REFUSED = frozenset(range(400, 500)) - {429}


class LetIn(AssertionError):
    """A hostile request was not refused as it should be; the text shows it."""


@dataclass
class Attack:
    """What was sent, and what came back.

    :ivar port: of the server, on loopback.
    :ivar tactics: how many requests there were of each.
    :ivar answers: how many answers there were of each status; 0 where there was none.
    """

    port: int
    ground: stage.Stage
    tactics: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)

    def run(self, number: int, size: int) -> None:
        """Send so many requests.

        :param number: the seed that repeats them, but for the time they are signed at.
        :raise LetIn: with the simplest request that does it.
        """

        @seed(number)
        @settings(
            max_examples=size,
            phases=[Phase.generate, Phase.shrink],
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(stage.requests(self.ground))
        def send_all(request: wire.Request) -> None:
            self.send(request)

        send_all()

    def send(self, request: wire.Request) -> None:
        """Send one.

        :raise LetIn: it is not refused as it should be.
        """
        self.tactics[request.tactic] += 1
        try:
            answer = wire.send(self.port, request)
        except TimeoutError:
            raise LetIn(f"no answer to {request!r}") from None
        self.answers[answer.status] += 1
        if not _is_refusal(request, answer):
            raise LetIn(f"answered {answer.status}: {request!r}")
        if MARK.encode() in answer.content:
            raise LetIn(f"the answer repeats the message: {request!r}")


def _is_refusal(request: wire.Request, answer: wire.Answer) -> bool:
    if request.is_replay and answer.status == 200:
        return True
    # Where the head itself breaks off, there is nothing to answer.
    if not answer.status:
        return request.cut is not None
    return answer.status in REFUSED
