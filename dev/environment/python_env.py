"""The virtual environment: what the suite needs, what Odoo needs, what a developer needs."""

import hashlib
import os
import subprocess

from . import paths
from .console import SetupError, done, mark, run, step

# `uv` resolves and installs in seconds what takes pip minutes.
UV = "uv==0.13.8"
# Imports no odoo: read by `uv` as the list of what an Odoo 19.0 installation brings along.
ODOO_REQUIREMENTS = paths.ROOT / "dev" / "requirements-odoo.txt"


def ensure() -> None:
    """Create the virtual environment and install into it."""
    files = [
        paths.ROOT / "requirements.txt",
        paths.ROOT / "pyproject.toml",
        ODOO_REQUIREMENTS,
    ]
    key = hashlib.sha256(
        b"".join(file.read_bytes() for file in files) + str(paths.odoo_home()).encode()
    ).hexdigest()
    if done("venv", key) and paths.PYTHON.exists():
        return
    with step("Python packages"):
        if not paths.PYTHON.exists():
            run(["python3", "-m", "venv", "--clear", paths.VENV], "venv-create")
        run([paths.PYTHON, "-m", "pip", "-q", "install", UV], "venv-uv")
        _make_odoo_visible()
        run(
            [
                *(paths.PYTHON, "-m", "uv", "pip", "install", "--python", paths.PYTHON),
                *("-r", "requirements.txt", "-r", ODOO_REQUIREMENTS, "--group", "dev"),
            ],
            "venv-install",
            cwd=paths.ROOT,
            env={**os.environ, "UV_SYSTEM_CERTS": "true"},
        )
        _link_wkhtmltopdf()
    mark("venv", key)


def _make_odoo_visible() -> None:
    """Let Python find the source of Odoo, and packages that require it find its metadata."""
    site = paths.site_packages()
    (site / "odoo_source.pth").write_text(f"{paths.odoo_home()}\n")
    info = site / "odoo-19.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\n")
    (info / "INSTALLER").write_text("dev.environment\n")
    (info / "RECORD").write_text("")


def _link_wkhtmltopdf() -> None:
    """Put the wkhtmltopdf with patched Qt first on our PATH (Debian's prints no header)."""
    binary = paths.VENV / "bin" / "wkhtmltopdf-pack"
    paths.BIN.mkdir(parents=True, exist_ok=True)
    link = paths.BIN / "wkhtmltopdf"
    link.unlink(missing_ok=True)
    link.symlink_to(binary)
    if subprocess.run([link, "--version"], capture_output=True).returncode:
        raise SetupError("wkhtmltopdf does not start; see `ldd` for a missing library")
