"""Finding and killing processes of a server that we started, and only those."""

import contextlib
import os
import re
import signal

import psutil

from dev.environment import databases
from dev.environment.odoo import Server

WORKER_ALIVE = re.compile(r"Worker WorkerHTTP \((\d+)\) alive")


def http_workers(server: Server) -> list[int]:
    """Process ids of the server's workers that answer requests and run jobs."""
    children = {child.pid for child in psutil.Process(server.process.pid).children()}
    told = map(int, WORKER_ALIVE.findall(server.log.read_text(errors="replace")))
    return [pid for pid in told if pid in children]


def job_workers(server: Server, method: str) -> list[int]:
    """Process ids of the server's workers that run a job of this method now."""
    found = databases.execute(
        server.database,
        "SELECT worker_pid FROM queue_job WHERE method_name = :'method'"
        " AND state = 'started' AND worker_pid IS NOT NULL;",
        ("method", method),
    )
    # Those of another server on the same database, or of a dead one, are none of its own.
    alive = http_workers(server)
    return [pid for pid in map(int, found.splitlines()) if pid in alive]


def job_worker(server: Server, method: str) -> int | None:
    """The process id of a worker that runs a job of this method now, if one does."""
    return next(iter(job_workers(server, method)), None)


def kill(pid: int) -> None:
    """End a process without giving it a chance to tidy up."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_server(server: Server) -> None:
    """End a server and all its workers as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait(10)
    server.process = None
