"""Run a script in a process of its own that has a database open: ``odoo shell``."""

import itertools
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dev.environment import odoo, paths, postgres

# The answer of a script is its last line with this mark; the log goes elsewhere.
MARK = "shell-answer:"

PROLOGUE = """
import json as _json
given = _json.loads({given!r})
def answer(value):
    print({mark!r} + _json.dumps(value, default=str), flush=True)
"""


_numbers = itertools.count(1)


class ScriptFailed(Exception):
    """The script ended with an error; the text is the end of what it said."""


class Script:
    """A script that is running; several can run at once.

    :param addons: more folders of addons, beside the suite and Odoo's own.
    """

    def __init__(
        self, database: str, source: str, addons: Sequence[Path] = (), **given: Any
    ):
        # Two that start together must not write each other's configuration.
        self._conf = odoo.write_conf(
            f"script-{os.getpid()}-{next(_numbers)}",
            http_port=odoo.free_port(),
            workers=0,
            addons=addons,
        )
        options = ("-d", database, "--no-http", "--log-level=warn")
        self._process = subprocess.Popen(
            odoo.command("shell", *options, conf=self._conf),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=paths.ROOT,
            env=postgres.environment(),
        )
        prologue = PROLOGUE.format(given=json.dumps(given), mark=MARK)
        self._process.stdin.write(prologue + source)
        self._process.stdin.close()
        self._process.stdin = None

    def result(self, timeout: float = 120) -> Any:
        """Wait for its end and return what it gave to ``answer``.

        :raise ScriptFailed: it ended with an error, or gave no answer.
        """
        try:
            out, err = self._process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._conf.unlink(missing_ok=True)
        answers = [line for line in out.splitlines() if line.startswith(MARK)]
        if self._process.returncode or not answers:
            raise ScriptFailed(err[-3000:])
        return json.loads(answers[-1].removeprefix(MARK))


def run(database: str, source: str, **given: Any) -> Any:
    """Run ``source`` with ``env`` and ``given`` in reach; return what it gives to ``answer``."""
    return Script(database, source, **given).result()
