"""Secrets that are kept outside the database: in the server's environment or in a file.

Instead of a secret an account may hold ``env:NAME`` or ``file:NAME``. Whoever administers a
database is not for that reason entitled to the other secrets of the server it runs on, so
only variables that are meant for us are read, and only files below one directory that
``odoo.conf`` names.
"""

import re
from collections.abc import Mapping
from pathlib import Path

ENVIRONMENT_PREFIX = "SHIPMENT_"
DIRECTORY_OPTION = "shipment_secrets_dir"
# A key or a certificate; whoever names something longer has named the wrong file.
LONGEST_FILE = 65_536

_REFERENCE = re.compile(r"(env|file):(.*)", re.DOTALL)
_VARIABLE = re.compile(rf"{ENVIRONMENT_PREFIX}[A-Z0-9_]+")


class Unresolved(Exception):
    """A reference leads to no secret; ``reason`` is one of the words below."""

    def __init__(self, reference: str, reason: str):
        super().__init__(f"{reference}: {reason}")
        self.reference = reference
        self.reason = reason


FORBIDDEN_VARIABLE = "forbidden_variable"
NO_VARIABLE = "no_variable"
NO_DIRECTORY = "no_directory"
FORBIDDEN_FILE = "forbidden_file"
NO_FILE = "no_file"


def is_reference(value: object) -> bool:
    """Whether a value names a secret instead of being one."""
    return isinstance(value, str) and bool(_REFERENCE.fullmatch(value))


def resolve(
    reference: str, environment: Mapping[str, str], directory: str | None
) -> str:
    """The secret that a reference names, without the line end a file may have.

    :raise Unresolved: there is none, or it is not ours to read.
    """
    kind, name = _REFERENCE.fullmatch(reference).groups()
    if kind == "env":
        return _read_variable(reference, name, environment)
    return _read_file(reference, name, directory)


def _read_variable(reference, name, environment):
    if not _VARIABLE.fullmatch(name):
        raise Unresolved(reference, FORBIDDEN_VARIABLE)
    if not environment.get(name):
        raise Unresolved(reference, NO_VARIABLE)
    return environment[name]


def _read_file(reference, name, directory):
    if not directory:
        raise Unresolved(reference, NO_DIRECTORY)
    try:
        root = Path(directory).resolve(strict=True)
        # Where it really is: neither ".." nor a link leads out of the directory.
        file = (root / name).resolve()
        if not file.is_relative_to(root):
            raise Unresolved(reference, FORBIDDEN_FILE)
        if not file.is_file() or file.stat().st_size > LONGEST_FILE:
            raise Unresolved(reference, NO_FILE)
        secret = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError, RuntimeError):
        secret = ""
    if not secret:
        # Outside the handler: a decoding error carries the bytes it stumbled over.
        raise Unresolved(reference, NO_FILE)
    return secret
