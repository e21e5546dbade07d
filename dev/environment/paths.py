"""Where things are. All that is written lies below ``LOCAL``, downloads in the user's cache."""

import hashlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    / "shipment-visibility"
)

STAMPS = LOCAL / "stamps"
LOGS = LOCAL / "log"
RUN = LOCAL / "run"
BIN = LOCAL / "bin"
BENCH = LOCAL / "bench"
SCREENSHOTS = LOCAL / "screenshots"
DATA_DIR = LOCAL / "data"
VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
NODE = LOCAL / "node"
PRISM = NODE / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
LAUNCHER = ROOT / "dev" / "odoo_launcher.py"

ADDONS = (
    "shipment_visibility",
    "shipment_visibility_carriers",
    "shipment_visibility_webhooks",
)

# The addon of the adapter guide; in no addons path but those of its own tests.
EXAMPLE = ROOT / "docs" / "examples" / "shipment_carrier_example"

# Two clones on one PostgreSQL server never meet: their databases carry this mark.
CLONE = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def odoo_home() -> Path:
    """The folder that holds the ``odoo`` package: the user's checkout or our unpacked one."""
    own = os.environ.get("ODOO_HOME")
    return (
        Path(own).resolve()
        if own
        else LOCAL / "odoo" / "usr" / "lib" / "python3" / "dist-packages"
    )


def site_packages() -> Path:
    """The virtual environment's ``site-packages``."""
    return next((VENV / "lib").glob("python3.*")) / "site-packages"


def addons_path() -> list[Path]:
    """The folders Odoo looks for addons in, ours first."""
    candidates = [
        ROOT,
        odoo_home() / "addons",
        odoo_home() / "odoo" / "addons",
        site_packages() / "odoo" / "addons",
    ]
    return [path for path in candidates if path.is_dir()]


def short_folder(name: str) -> Path:
    """A folder of ours outside the clone, for what a long or closed path cannot hold."""
    return (
        Path(tempfile.gettempdir())
        / f"shipment-visibility-{os.getuid()}-{CLONE}"
        / name
    )
