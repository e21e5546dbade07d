"""Import ``canonical/`` and ``adapters/`` as what they are: plain Python, without Odoo.

An addon is importable as ``odoo.addons.<addon>``. Here that name leads to its folder without
running Odoo or the addon's own ``__init__``, so that a process has the plain rooms in
milliseconds and needs no database.
"""

import sys
from types import ModuleType

from dev.environment import paths


def enable() -> None:
    """Make ``odoo.addons.<our addon>.<plain room>`` importable in this process.

    :raise RuntimeError: the real Odoo has been imported already.
    """
    if "odoo" in sys.modules and not hasattr(sys.modules["odoo"], "plain_only"):
        raise RuntimeError("this process runs Odoo; import its addons the ordinary way")
    root = _namespace("odoo", [])
    root.plain_only = True
    addons = _namespace("odoo.addons", [])
    root.addons = addons
    for folder in (*(paths.ROOT / name for name in paths.ADDONS), paths.EXAMPLE):
        addon = _namespace(f"odoo.addons.{folder.name}", [str(folder)])
        setattr(addons, folder.name, addon)


def _namespace(name: str, path: list[str]) -> ModuleType:
    module = sys.modules.get(name)
    if module is None:
        module = sys.modules[name] = ModuleType(name)
        module.__path__ = path
    return module
