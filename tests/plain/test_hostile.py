"""The generator of hostile requests finds a server out that lets them in."""

import dataclasses
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dev.hostile.attack import Attack, LetIn
from dev.hostile.bodies import MARK
from dev.hostile.doors import DOORS
from dev.hostile.stage import TACTICS, Genuine, Stage, message, now

DOORS_HERE = [
    dataclasses.replace(door, path=f"/shipment/webhook/{number:040}")
    for number, door in enumerate(DOORS, 1)
]


class Careless(BaseHTTPRequestHandler):
    """Answers whatever comes as it was told to."""

    def __getattr__(self, name):
        # Whatever the method.
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self):
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *args):
        """Override of http.server to keep quiet."""


@pytest.fixture
def server():
    careless = ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    careless.status, careless.content = 401, b""
    thread = threading.Thread(target=careless.serve_forever, args=(0.02,))
    thread.start()
    yield careless
    careless.shutdown()
    thread.join()
    careless.server_close()


@pytest.fixture
def attack(server):
    body = json.dumps({"to": MARK}).encode()
    seen = [Genuine(door, door.sign(body, now()), body) for door in DOORS_HERE]
    ground = Stage(DOORS_HERE, seen, "http://127.0.0.1:9")
    return Attack(server.server_address[1], ground)


@pytest.mark.parametrize("status", [200, 202, 302, 429, 500])
def test_a_server_that_does_not_refuse_is_found_out(server, attack, status):
    server.status = status
    with pytest.raises(LetIn, match=f"answered {status}"):
        attack.run(1, 20)


def test_a_server_that_repeats_what_it_was_sent_is_found_out(server, attack):
    server.content = b"unreadable: " + MARK.encode()
    with pytest.raises(LetIn, match="repeats"):
        attack.run(1, 20)


def test_only_a_replay_may_be_known(server, attack):
    server.status = 200
    request = message("replayed", DOORS_HERE[0], {}, b"{}", is_replay=True)
    attack.send(request)
    with pytest.raises(LetIn):
        attack.send(dataclasses.replace(request, is_replay=False))


def test_the_same_seed_sends_the_same_tactics(attack):
    sent = []
    for _run in range(2):
        attack.tactics.clear()
        attack.run(19, 60)
        sent.append(dict(attack.tactics))
    assert sent[0] == sent[1]
    assert len(sent[0]) > len(TACTICS) / 3
