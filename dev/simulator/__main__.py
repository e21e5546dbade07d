"""Run the carrier: ``python -m dev.simulator [--port N] [--secret TEXT] [--target URL]``.

It prints one JSON line, ``{"port": N}``, when it answers. With ``--until-eof`` it ends when
its standard input is closed, so that it never outlives who started it.
"""

import argparse
import json
import sys
import threading

from .server import CarrierServer


def main() -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(
        prog="dev.simulator", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--secret", default="", help="what webhooks are signed with")
    parser.add_argument("--target", default="", help="where webhooks go by default")
    parser.add_argument("--until-eof", action="store_true")
    options = parser.parse_args()
    with CarrierServer(options.port, options.secret, options.target) as server:
        print(json.dumps({"port": server.server_port}), flush=True)
        if options.until_eof:
            threading.Thread(target=_stop_at_eof, args=(server,), daemon=True).start()
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            return 130
    return 0


def _stop_at_eof(server: CarrierServer) -> None:
    sys.stdin.buffer.read()
    server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
