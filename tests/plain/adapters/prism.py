"""Prism between an adapter and a carrier of ours: it holds both sides against an OpenAPI file.

https://docs.stoplight.io/docs/prism: a proxy that reports, in a header of each answer, in what
the request and the answer violate the file.
"""

import http.client
import json
import re
import subprocess
import threading
from contextlib import contextmanager

import pytest

from dev.environment import paths

READY = re.compile(r"Prism is listening on http://127\.0\.0\.1:(\d+)")
SECONDS_TO_START = 60
NOT_FORWARDED = {"connection", "content-length", "host", "transfer-encoding"}


@contextmanager
def proxy(file, carrier_url):
    """The port of a Prism that knows this file and passes on to this carrier."""
    if not paths.PRISM.exists():
        pytest.fail(
            f"Prism is missing at {paths.PRISM}; "
            "`python3 -m dev.environment setup` installs it"
        )
    process = subprocess.Popen(
        ["node", paths.PRISM, "proxy", "-h", "127.0.0.1", "-p", "0", file, carrier_url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        port = _port(process)
        # Its log goes on, and a full pipe would stop it.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield port
    finally:
        process.kill()
        process.wait()


def _port(process):
    """Read what it says until it is ready. One that takes too long is ended, and falls silent."""
    watch = threading.Timer(SECONDS_TO_START, process.kill)
    watch.start()
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if ready := READY.search(line):
                return int(ready.group(1))
    finally:
        watch.cancel()
    pytest.fail(f"Prism did not start:\n{''.join(said)}")


def forward(port, method, target, headers, body):
    """Send a request through Prism: the answer, and the violations it found as texts."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        kept = {k: v for k, v in headers.items() if k.lower() not in NOT_FORWARDED}
        connection.request(method, target, body or None, kept)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    found = [_text(one) for one in json.loads(answer.getheader("sl-violations", "[]"))]
    if answer.getheader("Content-Type", "").startswith("application/problem+json"):
        # Prism's own: no such path or method in the file.
        found.append(f"{method} {target}: {content.decode()}")
    kept = {k: v for k, v in answer.getheaders() if k.lower() not in NOT_FORWARDED}
    return (answer.status, kept, content), found


def _text(violation):
    return f"{'.'.join(violation['location'])}: {violation['message']}"
