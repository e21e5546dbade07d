"""Programs and libraries that come from the machine's own package manager."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from .console import SetupError, run, step


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _installed(package: str) -> Callable[[], bool]:
    def is_installed() -> bool:
        answer = subprocess.run(
            ["dpkg-query", "-W", "-f=${db:Status-Status}", package],
            capture_output=True,
            text=True,
        )
        return answer.stdout == "installed"

    return is_installed


def _venv_works() -> bool:
    return not subprocess.run(
        ["python3", "-c", "import ensurepip, venv"], capture_output=True
    ).returncode


# Debian package -> how to see that what we need of it is there.
NEEDED: dict[str, Callable[[], bool]] = {
    "python3-venv": _venv_works,
    "postgresql": lambda: postgres_bin("initdb") is not None,
    "chromium": _program("chromium"),
    "fonts-dejavu-core": _installed("fonts-dejavu-core"),
    "fonts-liberation": _installed("fonts-liberation"),
    # Its libraries are what the patched wkhtmltopdf from PyPI links to.
    "wkhtmltopdf": _installed("wkhtmltopdf"),
    "libmagic1": _installed("libmagic1"),
    "poppler-utils": _program("pdftoppm"),
    "zbar-tools": _program("zbarimg"),
    "docker-compose": _program("docker-compose"),
    "nodejs": _program("node"),
    "npm": _program("npm"),
}


def postgres_bin(name: str) -> Path | None:
    """A PostgreSQL server program of the newest installed version, or ``None``."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(path.parts[4]) if path.parts[4].isdigit() else 0,
    )
    if found:
        return found[-1]
    on_path = shutil.which(name)
    return Path(on_path) if on_path else None


def ensure() -> None:
    """Install what is missing, or say exactly what to install."""
    if os.environ.get("PGHOST"):
        NEEDED.pop("postgresql", None)
    missing = [package for package, present in NEEDED.items() if not present()]
    if not missing:
        return
    if os.getuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(
            "these packages are missing; install them and start again:\n"
            f"    sudo apt-get install {' '.join(missing)}"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step(f"system packages: {' '.join(missing)}"):
        run(["apt-get", "-q", "update"], "apt-update", env=environment)
        run(
            ["apt-get", "-q", "-y", "install", "--no-install-recommends", *missing],
            "apt-install",
            env=environment,
        )
