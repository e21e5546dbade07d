"""Run the story on a server of its own: ``python -m dev.demo [--once] [--pictures]``."""

import argparse
import signal
import sys

from dev.environment import console, databases, odoo, paths
from dev.simulator import Simulator

from .data import CUSTOMER_LOGIN, FINANCE, PACKER
from .steps import StoryFailed
from .story import Story

# Pictures show days, not seconds: the hand-over happens that long ago, by another clock.
DAYS_AGO = ("faketime", "-f", "-40h")


def main() -> int:
    """Tell the story; leave the server running unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the story")
    parser.add_argument(
        "--pictures",
        action="store_true",
        help="renew the pictures in docs/images (needs Debian's faketime)",
    )
    options = parser.parse_args()
    database = databases.copy(databases.template(), databases.name("demo"))
    server = odoo.Server(database, name="demo", workers=4)
    if options.pictures:
        server.wrapper = DAYS_AGO
    with console.step("server, workers and queue"):
        server.start()
    try:
        with Simulator() as simulator:
            if options.pictures:
                _take_pictures(server, simulator)
            else:
                Story(server.url, database, simulator).tell()
            print("\nThe story holds.")
            if not options.once:
                _leave_running(server)
    except StoryFailed as failure:
        print(f"\n✗ The story {failure}\n  The server's log: {server.log}")
        return 1
    finally:
        server.stop()
    return 0


def _take_pictures(server: odoo.Server, simulator: Simulator) -> None:
    from . import screenshots

    def let_days_pass() -> None:
        server.stop()
        server.wrapper = ()
        server.start()

    story = Story(server.url, server.database, simulator, let_days_pass, pace=1.0)
    story.tell()
    screenshots.take(story)


def _leave_running(server: odoo.Server) -> None:
    print(
        f"\nThe server runs until you press Ctrl-C (log: "
        f"{server.log.relative_to(paths.ROOT)}).\n"
        f"  Odoo             {server.url}/odoo             admin / admin\n"
        f"  Warehouse        {server.url}/odoo/inventory   {PACKER} / {PACKER}\n"
        f"  Finance          {server.url}/odoo/accounting  {FINANCE} / {FINANCE}\n"
        f"  Customer portal  {server.url}/my/shipments     "
        f"{CUSTOMER_LOGIN} / {CUSTOMER_LOGIN}\n",
        flush=True,
    )
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    sys.exit(main())
