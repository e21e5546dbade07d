"""Odoo 19.0 from Debian's package, fetched through an apt state of our own.

The machine's apt sources, lists and installed packages stay as they are: a private state
asks the mirror that the machine is configured with for the suite that carries ``odoo-19``.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import paths
from .console import SetupError, done, mark, run, step

SUITE = "sid"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Odoo's own files link into these font and script packages.
PACKAGES = (
    "odoo-19",
    "fonts-font-awesome",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
DEBS = paths.CACHE / "debs"
# Debian leaves this minified file out, Odoo's asset bundle still names it. It blurs the
# background of video calls; without a file in its place every backend page logs an error.
LEFT_OUT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def ensure() -> None:
    """Have Odoo's source below :func:`paths.odoo_home`."""
    home = paths.odoo_home()
    if os.environ.get("ODOO_HOME"):
        if not (home / "odoo" / "release.py").exists():
            raise SetupError(f"ODOO_HOME={home} holds no Odoo (no odoo/release.py)")
        return
    key = " ".join(PACKAGES)
    if done("odoo", key):
        return
    if not all(_downloaded(package) for package in PACKAGES):
        with step("Odoo 19.0: download"):
            _download()
    with step("Odoo 19.0: unpack"):
        target = paths.LOCAL / "odoo"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for package in PACKAGES:
            run(["dpkg", "-x", _downloaded(package), target], "odoo-unpack")
        stand_in = home / LEFT_OUT
        stand_in.parent.mkdir(parents=True, exist_ok=True)
        stand_in.write_text("/* Left out by Debian; only video calls use it. */\n")
    mark("odoo", key)


def _downloaded(package: str) -> Path | None:
    return next(iter(sorted(DEBS.glob(f"{package}_*.deb"))), None)


def _download() -> None:
    state = paths.CACHE / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    DEBS.mkdir(parents=True, exist_ok=True)
    sources = state / "odoo.sources"
    sources.write_text(
        f"Types: deb\nURIs: {_mirror()}\nSuites: {SUITE}\nComponents: main\n"
        f"Signed-By: {KEYRING}\n"
    )
    apt = [
        "apt-get",
        "-q",
        *("-o", f"Dir::Etc::SourceList={sources}"),
        *("-o", "Dir::Etc::SourceParts=/dev/null"),
        *("-o", f"Dir::State::Lists={state / 'lists'}"),
        *("-o", f"Dir::Cache={state / 'cache'}"),
        *("-o", "APT::Sandbox::User=root"),
    ]
    run([*apt, "update"], "odoo-apt-update")
    run([*apt, "download", *PACKAGES], "odoo-download", cwd=DEBS)


def _mirror() -> str:
    """The Debian mirror of the machine's own apt configuration."""
    answer = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(ORIGIN)|$(RELEASE)"],
        capture_output=True,
        text=True,
    )
    for line in answer.stdout.splitlines():
        uri, origin, _release = line.split("|", 2)
        if origin == "Debian" and "security" not in uri:
            return uri
    return _mirror_from_files()


def _mirror_from_files() -> str:
    """As :func:`_mirror`, for a machine that has not run ``apt-get update`` yet."""
    folder = Path("/etc/apt")
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for file in files:
        text = file.read_text() if file.is_file() else ""
        for uri in re.findall(r"^\s*(?:URIs:|deb(?:\s+\[.*?\])?)\s*(\S+)", text, re.M):
            if re.search(r"/debian/?$", uri):
                return uri
    raise SetupError(
        "no Debian mirror in /etc/apt; set ODOO_HOME to a checkout of Odoo 19.0"
    )
