"""The directions of the house: which room may import which, and which addon may build on which."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# From the ground up: an addon may use those before it, never those behind it.
ADDONS = (
    "shipment_visibility",
    "shipment_visibility_carriers",
    "shipment_visibility_webhooks",
)
PLAIN_ROOMS = (
    "shipment_visibility/canonical",
    "shipment_visibility_carriers/adapters",
    "shipment_visibility_carriers/invoices",
    "shipment_visibility_carriers/printing",
    "shipment_visibility_webhooks/gateway",
    "shipment_visibility_webhooks/outgoing",
)


def _imports(source: str, package: str) -> list[str]:
    """Absolute names of all modules that a source text in ``package`` imports."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: -(node.level - 1) or None] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return names


def _odoo_imports_of_plain_room(source: str, package: str) -> list[str]:
    """What a plain room may not import: Odoo, and anything of ours that is not plain."""
    allowed = tuple(f"odoo.addons.{room.replace('/', '.')}" for room in PLAIN_ROOMS)
    written = [
        name
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
        if re.match(r"odoo(\.|$)", name)
    ]
    reached = [
        name
        for name in _imports(source, package)
        if name.startswith("odoo.addons.")
        and not name.startswith(allowed)
        and not any(room.startswith(name) for room in allowed)
    ]
    return written + reached


def _package(file: Path) -> str:
    relative = file.relative_to(ROOT).parent
    return ".".join(["odoo", "addons", *relative.parts])


def _python_files(folder: str) -> list[Path]:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files, f"{folder} holds no Python"
    return files


@pytest.mark.parametrize("room", PLAIN_ROOMS)
def test_plain_rooms_import_no_odoo(room):
    found = {
        str(file.relative_to(ROOT)): names
        for file in _python_files(room)
        if (names := _odoo_imports_of_plain_room(file.read_text(), _package(file)))
    }
    assert not found


@pytest.mark.parametrize("position", range(len(ADDONS)))
def test_no_addon_imports_one_that_builds_on_it(position):
    forbidden = tuple(f"odoo.addons.{addon}" for addon in ADDONS[position + 1 :])
    found = {
        str(file.relative_to(ROOT)): name
        for file in _python_files(ADDONS[position])
        for name in _imports(file.read_text(), _package(file))
        if name.startswith(tuple(f"{prefix}." for prefix in forbidden))
        or name in forbidden
    }
    assert not found


@pytest.mark.parametrize("position", range(len(ADDONS)))
def test_no_manifest_depends_on_one_that_builds_on_it(position):
    manifest = ast.literal_eval(
        (ROOT / ADDONS[position] / "__manifest__.py").read_text()
    )
    assert not set(manifest["depends"]) & set(ADDONS[position:])


@pytest.mark.parametrize("position", range(len(ADDONS)))
def test_no_view_names_a_record_of_an_addon_that_builds_on_it(position):
    above = ADDONS[position + 1 :]
    pattern = re.compile("|".join(rf"\b{addon}\." for addon in above) or r"(?!)")
    found = [
        str(file.relative_to(ROOT))
        for file in (ROOT / ADDONS[position]).rglob("*.xml")
        if pattern.search(file.read_text())
    ]
    assert not found


def test_the_core_names_no_carrier():
    carriers = re.compile(r"easypost|\bups\b|fedex|dhl|sendcloud|shippo|sandbox", re.I)
    found = {
        str(file.relative_to(ROOT)): match.group()
        for pattern in ("models/*.py", "canonical/*.py", "controllers/*.py")
        for file in (ROOT / "shipment_visibility").glob(pattern)
        if (match := carriers.search(file.read_text()))
    }
    assert not found


def test_the_rule_sees_what_it_forbids():
    package = "odoo.addons.shipment_visibility_carriers.adapters"
    assert _odoo_imports_of_plain_room("import odoo", package)
    assert _odoo_imports_of_plain_room("from odoo.addons.sale import x", package)
    assert _odoo_imports_of_plain_room("from ..models import account", package)
    good = "from ...shipment_visibility.canonical.schema import Parcel"
    assert not _odoo_imports_of_plain_room(good, package)
    assert not _odoo_imports_of_plain_room("from .base import Refused", package)
