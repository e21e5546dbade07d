"""Command line of the environment: ``python3 -m dev.environment COMMAND``.

setup               have everything ready, the template database too
odoo ARGUMENTS      run Odoo's command line on this environment
copy SUFFIX         make the database SUFFIX a fresh copy of the template
run COMMAND ...     run a command with PostgreSQL started and its variables set
clean               remove everything below .local/; downloads stay in the user's cache
"""

import shutil
import subprocess
import sys

from . import (
    databases,
    node_env,
    odoo,
    odoo_source,
    paths,
    postgres,
    python_env,
    system_packages,
)
from .console import SetupError, exclusive


def setup() -> None:
    """Have the machine ready; may be interrupted and repeated at any point."""
    with exclusive("setup"):
        system_packages.ensure()
        odoo_source.ensure()
        python_env.ensure()
        node_env.ensure()


def main(arguments: list[str]) -> int:
    """Carry out one command and return the exit status."""
    command, *rest = arguments or ["help"]
    if command not in ("setup", "odoo", "copy", "run", "clean"):
        print(__doc__)
        return 2
    if command == "clean":
        postgres.stop_unused()
        shutil.rmtree(paths.LOCAL, ignore_errors=True)
        return 0
    setup()
    with postgres.lease():
        if command == "setup":
            databases.template()
        elif command == "copy":
            print(databases.copy(databases.template(), databases.name(rest[0])))
        else:
            program = odoo.command(*rest) if command == "odoo" else rest
            return subprocess.call(program, env=postgres.environment())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(f"set-up stopped: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
