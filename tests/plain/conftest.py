"""Lets plain-Python tests import the addons' plain parts by their Odoo names.

``odoo``, ``odoo.addons`` and the addons become empty modules that only know where their
files are: neither Odoo nor an addon's ``__init__`` is run, and no database is needed.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
ADDONS = (
    "shipment_visibility",
    "shipment_visibility_carriers",
    "shipment_visibility_webhooks",
)


def _namespace(name: str, *paths: Path) -> None:
    module = ModuleType(name)
    module.__path__ = [str(path) for path in paths]
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    sys.modules[name] = module


if "odoo" not in sys.modules:
    _namespace("odoo")
    _namespace("odoo.addons", ROOT)
    for addon in ADDONS:
        _namespace(f"odoo.addons.{addon}", ROOT / addon)
