"""Run the checks: ``python -m dev.check [STAGE ...]``, all stages by default.

lint    ruff and pylint-odoo
plain   canonical/ and adapters/ without a database, and the rules of the house
odoo    the addons' own tests, in Odoo
tours   browser tours, in Chromium
system  real server processes, a carrier simulator over HTTP, killed processes
crash   PostgreSQL itself goes down
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dev.environment import console, databases, odoo, paths, postgres

from . import plugin

TOURS = "test_tour*.py"
# These take most of the system stage's time and need nothing of the other tests.
INSTALL = "tests/system/test_install.py"
FAULTS = "tests/system/test_faults.py"
# Crashes the PostgreSQL that all tests share.
ALONE = "postgres-restarted"
# pylint takes these in the order they are written, which a configuration file has not.
ODOO_LINT = (
    "--disable=all",
    "--enable=odoolint",
    # One README for the suite, at its top; a large model is told in several files, one
    # subject each; and the plain rooms cannot use Odoo's own groupby.
    "--disable=missing-readme,consider-merging-classes-inherited,bad-builtin-groupby",
)


def lint() -> list[list[str]]:
    """The commands of the lint stage."""
    modules = [str(paths.ROOT / addon) for addon in paths.ADDONS]
    return [
        [*_python("ruff"), "check", "."],
        [*_python("ruff"), "format", "--check", "."],
        [*_python("pylint"), "--score=n", *ODOO_LINT, *modules],
    ]


def plain() -> list[list[str]]:
    """The commands of the stage that needs no database."""
    return [_pytest("-p", "no:odoo", "tests/plain")]


def odoo_tests() -> list[list[str]]:
    """The commands of the stage that runs the addons' tests but for the tours.

    Each has a database of its own, so that they run side by side, and every other file, so
    that they take about as long.
    """
    tours = _test_files(TOURS)
    files = [file for file in _test_files("test_*.py") if file not in tours]
    return [
        _pytest(*_in_odoo(f"test{half}"), *map(_relative, files[half::2]))
        for half in range(2)
    ]


def tours() -> list[list[str]]:
    """The commands of the stage that drives a browser."""
    return [_pytest(*_in_odoo("tour"), *map(_relative, _test_files(TOURS)))]


def system() -> list[list[str]]:
    """The commands of the stage with real servers."""
    databases.template()
    apart = [f"--ignore={file}" for file in (INSTALL, FAULTS)]
    return [
        _pytest("-p", "no:odoo", "tests/system", *apart),
        _pytest("-p", "no:odoo", FAULTS, "-k", f"not {ALONE}"),
        _pytest("-p", "no:odoo", INSTALL),
    ]


def crash() -> list[list[str]]:
    """The command of the stage in which nothing else may run."""
    return [_pytest("-p", "no:odoo", FAULTS, "-k", ALONE)]


STAGES: dict[str, Callable[[], list[list[str]]]] = {
    "lint": lint,
    "plain": plain,
    "odoo": odoo_tests,
    "tours": tours,
    "system": system,
    "crash": crash,
}
# What stands in one line runs side by side: its commands do not mind each other. Those that
# take longest come first.
TURNS = (
    ("lint", "plain"),
    ("system", "odoo", "tours"),
    ("crash",),
)
# So many at a time: some wait for others, or for a minute to pass, and two cores are busy.
TOGETHER = 3
# Of a command that is shown.
MOST_WORDS = 12


def _python(module: str) -> list[str]:
    return [str(paths.PYTHON), "-m", module]


def _pytest(*arguments: str) -> list[str]:
    return [*_python("pytest"), "-q", *arguments]


def _test_files(pattern: str) -> list[Path]:
    return [
        file
        for addon in paths.ADDONS
        for file in sorted((paths.ROOT / addon / "tests").glob(pattern))
    ]


def _relative(file: Path) -> str:
    return str(file.relative_to(paths.ROOT))


def _in_odoo(suffix: str) -> list[str]:
    """pytest-odoo's options: a fresh copy of the template, and a server for HTTP tests."""
    database = databases.copy(databases.template(), databases.name(suffix))
    conf = odoo.write_conf(f"pytest-{suffix}", http_port=odoo.free_port(), workers=0)
    return [f"--odoo-config={conf}", f"--odoo-database={database}", "--odoo-http"]


def main(names: list[str]) -> int:
    """Run the stages in their turns, stop at the first that fails, return its status."""
    unknown = set(names) - set(STAGES)
    if unknown:
        print(f"no such stage: {', '.join(sorted(unknown))}\n\n{__doc__}")
        return 2
    plugin.forget_durations()
    if not names:
        # Made while the first checks run, which need no database.
        threading.Thread(target=databases.template, daemon=True).start()
    for turn in TURNS:
        chosen = [name for name in turn if name in (names or STAGES)]
        if not chosen:
            continue
        title = ", ".join(chosen)
        print(f"\n── {title} " + "─" * (68 - len(title)), flush=True)
        begin = time.monotonic()
        commands = [command for name in chosen for command in STAGES[name]()]
        if failed := next(filter(None, _run_side_by_side(commands)), 0):
            return failed
        print(f"{title}: done in {time.monotonic() - begin:.0f} s")
    return 0


def _run_side_by_side(commands: list[list[str]]) -> list[int]:
    """Run commands, a few at a time; what one said is printed when it has ended."""
    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(_run, commands))


def _run(command: list[str]) -> int:
    print(f"$ {_shown(command)} &", flush=True)
    done = subprocess.run(
        command,
        cwd=paths.ROOT,
        env=postgres.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    print(f"$ {_shown(command)}\n{done.stdout}", flush=True)
    return done.returncode


def _shown(command: list[str]) -> str:
    words = [Path(part).name if "/" in part else part for part in command[2:]]
    return " ".join(words[:MOST_WORDS] + ["…"] * (len(words) > MOST_WORDS))


if __name__ == "__main__":
    try:
        with postgres.lease():
            sys.exit(main(sys.argv[1:]))
    except console.SetupError as error:
        sys.exit(f"stopped: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
