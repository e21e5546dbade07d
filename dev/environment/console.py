"""What set-up says while it works, and how it runs a command."""

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import paths


class SetupError(Exception):
    """Set-up cannot go on; the message says what the reader should do."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print a line when a step begins and how long it took when it is done."""
    print(f"  … {title}", flush=True)
    begin = time.monotonic()
    yield
    print(f"  ✓ {title} ({time.monotonic() - begin:.0f} s)", flush=True)


def run(command: Sequence[str | Path], log: str, script: str = "", **options) -> None:
    """Run a command with its output in ``.local/log/<log>.log``; show the end of it on failure.

    :param script: what it reads from its standard input.
    """
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log_file = paths.LOGS / f"{log}.log"
    with log_file.open("w") as stream:
        result = subprocess.run(
            [str(part) for part in command],
            stdout=stream,
            stderr=subprocess.STDOUT,
            input=script,
            text=True,
            **options,
        )
    if result.returncode:
        tail = "\n".join(log_file.read_text(errors="replace").splitlines()[-25:])
        shown = " ".join(str(part) for part in command)
        print(tail, file=sys.stderr)
        raise SetupError(
            f"`{shown}` ended with {result.returncode}; its output is in {log_file}"
        )


def done(stamp: str, key: str) -> bool:
    """Whether the step ``stamp`` was finished for this very ``key``."""
    file = paths.STAMPS / stamp
    return file.exists() and file.read_text() == key


def mark(stamp: str, key: str) -> None:
    """Remember that the step ``stamp`` is finished for ``key``."""
    paths.STAMPS.mkdir(parents=True, exist_ok=True)
    (paths.STAMPS / stamp).write_text(key)


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Let one process at a time do this; the others wait."""
    paths.RUN.mkdir(parents=True, exist_ok=True)
    with (paths.RUN / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
