"""Start Odoo's command line; a script of its own, because ``python -m odoo`` respawns badly."""

import os

os.environ["TZ"] = "UTC"

import odoo.cli  # noqa: E402  (the zone must be set before Odoo is imported)

if __name__ == "__main__":
    odoo.cli.main()
