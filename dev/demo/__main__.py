"""Run the story on a server of its own: ``python -m dev.demo [--once] [--screenshots]``."""

import argparse
import signal
import sys

from dev.environment import console, databases, odoo, paths
from dev.simulator import Simulator

from .data import CUSTOMER_LOGIN, PACKER
from .story import Story, StoryFailed


def main() -> int:
    """Tell the story; leave the server running unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the story")
    parser.add_argument(
        "--screenshots", action="store_true", help="renew the pictures in docs/images"
    )
    options = parser.parse_args()
    database = databases.copy(databases.template(), databases.name("demo"))
    with console.step("server, workers and queue"):
        server = odoo.Server(database, name="demo", workers=4)
        server.start()
    try:
        with Simulator() as simulator:
            story = Story(server.url, database, simulator)
            story.tell()
            print("\nThe story holds.")
            if options.screenshots:
                from .screenshots import take

                take(story)
            if not options.once:
                _leave_running(server)
    except StoryFailed as failure:
        print(f"\n✗ The story {failure}\n  The server's log: {server.log}")
        return 1
    finally:
        server.stop()
    return 0


def _leave_running(server: odoo.Server) -> None:
    print(
        f"\nThe server runs until you press Ctrl-C (log: "
        f"{server.log.relative_to(paths.ROOT)}).\n"
        f"  Odoo             {server.url}/odoo             admin / admin\n"
        f"  Warehouse        {server.url}/odoo/inventory   {PACKER} / {PACKER}\n"
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
