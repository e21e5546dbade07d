"""Programs that run on Node: Prism, which holds a message against a carrier's OpenAPI file."""

import hashlib
import shutil

from . import paths
from .console import done, mark, run, step

# Names the programs and, in the lock, every package they build on with its checksum.
SOURCE = paths.ROOT / "dev" / "node"
FILES = ("package.json", "package-lock.json")


def ensure() -> None:
    """Install what the lock file names."""
    key = hashlib.sha256(
        b"".join((SOURCE / name).read_bytes() for name in FILES)
    ).hexdigest()
    if done("node", key) and paths.PRISM.exists():
        return
    with step("Node packages"):
        paths.NODE.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(SOURCE / name, paths.NODE / name)
        # No package's own scripts: none is needed, and one of them reports who installs it.
        run(
            ["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"],
            "node-install",
            cwd=paths.NODE,
        )
    mark("node", key)
