"""Run the checks: ``python -m dev.check [STAGE ...]``, all stages by default.

lint    ruff and pylint-odoo
plain   canonical/ and adapters/ without a database, and the rules of the house
odoo    the addons' own tests, in Odoo
tours   browser tours, in Chromium
system  real server processes, a carrier simulator over HTTP, crashes
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dev.environment import console, databases, odoo, paths, postgres

from . import plugin

TOURS = "test_tour*.py"
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
    """The commands of the stage that runs the addons' tests but for the tours."""
    return [_pytest(*_in_odoo("test"), f"--ignore-glob=**/{TOURS}", *_test_folders())]


def tours() -> list[list[str]]:
    """The commands of the stage that drives a browser."""
    files = [
        str(file.relative_to(paths.ROOT))
        for folder in _test_folders()
        for file in sorted((paths.ROOT / folder).glob(TOURS))
    ]
    return [_pytest(*_in_odoo("tour"), *files)]


def system() -> list[list[str]]:
    """The commands of the stage with real servers."""
    databases.template()
    return [_pytest("-p", "no:odoo", "tests/system")]


STAGES: dict[str, Callable[[], list[list[str]]]] = {
    "lint": lint,
    "plain": plain,
    "odoo": odoo_tests,
    "tours": tours,
    "system": system,
}


def _python(module: str) -> list[str]:
    return [str(paths.PYTHON), "-m", module]


def _pytest(*arguments: str) -> list[str]:
    return [*_python("pytest"), "-q", *arguments]


def _test_folders() -> list[str]:
    return [f"{addon}/tests" for addon in paths.ADDONS]


def _in_odoo(suffix: str) -> list[str]:
    """pytest-odoo's options: a fresh copy of the template, and a server for HTTP tests."""
    database = databases.copy(databases.template(), databases.name(suffix))
    conf = odoo.write_conf(f"pytest-{suffix}", http_port=odoo.free_port(), workers=0)
    return [f"--odoo-config={conf}", f"--odoo-database={database}", "--odoo-http"]


def main(names: list[str]) -> int:
    """Run the stages in turn, stop at the first that fails, return its status."""
    unknown = set(names) - set(STAGES)
    if unknown:
        print(f"no such stage: {', '.join(sorted(unknown))}\n\n{__doc__}")
        return 2
    plugin.forget_durations()
    for name in names or STAGES:
        print(f"\n── {name} " + "─" * (68 - len(name)), flush=True)
        begin = time.monotonic()
        for command in STAGES[name]():
            status = _run(command)
            if status:
                return status
        if name == "lint":
            print(f"lint: clean, {time.monotonic() - begin:.0f} s")
    return 0


def _run(command: list[str]) -> int:
    shown = " ".join(Path(part).name if "/" in part else part for part in command[2:])
    print(f"$ {shown}", flush=True)
    return subprocess.call(command, cwd=paths.ROOT, env=postgres.environment())


if __name__ == "__main__":
    try:
        with postgres.lease():
            sys.exit(main(sys.argv[1:]))
    except console.SetupError as error:
        sys.exit(f"stopped: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
