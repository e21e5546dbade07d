"""A folder behind SFTP, by Paramiko where that is installed.

Written against Paramiko's documented API: docs.paramiko.org, "Client", "SFTP", "Host keys" and
"Key handling". It is no requirement of the addon and is looked for when it is needed.
"""

import base64
import binascii
import hashlib
import importlib
import io
import posixpath
import stat
from contextlib import closing
from dataclasses import dataclass, field
from types import ModuleType
from typing import BinaryIO

from .base import Entry, Inbox, InboxError, Trouble

PACKAGE = "paramiko"
PORT = 22
# For the connection, for what the server says first, and for logging in.
CONNECT_SECONDS = 20
# Without a byte of an answer.
ANSWER_SECONDS = 60
# Newest first. Which of them a private key is stands only in the key itself.
_KEY_CLASSES = ("Ed25519Key", "ECDSAKey", "RSAKey")


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server's public key, as in a ``known_hosts`` file: kind and base64."""

    kind: str
    content: str

    @classmethod
    def parse(cls, text: str) -> "HostKey":
        """Read ``ssh-ed25519 AAAA…``; what follows is a comment.

        :raise ValueError: it is no public key.
        """
        words = text.split()
        if len(words) < 2:
            raise ValueError("not a public key")
        try:
            content = base64.b64decode(words[1], validate=True)
        except binascii.Error:
            raise ValueError("not a public key") from None
        # RFC 4253, 6.6: the key begins with its own kind, after four bytes of length.
        kind = words[0].encode()
        if content[: 4 + len(kind)] != len(kind).to_bytes(4, "big") + kind:
            raise ValueError("not a public key")
        return cls(words[0], words[1])

    def __str__(self) -> str:
        return f"{self.kind} {self.content}"

    @property
    def fingerprint(self) -> str:
        """As ``ssh-keygen -l`` shows it: SHA-256, in base64 without padding."""
        digest = hashlib.sha256(base64.b64decode(self.content)).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class SftpTerms:
    """How a server is reached.

    :ivar password: of the user; of the private key when there is one.
    :ivar host_key: the one that was confirmed; None before.
    """

    host: str
    user: str
    port: int = PORT
    folder: str = ""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    host_key: HostKey | None = None

    @property
    def known_name(self) -> str:
        """What a ``known_hosts`` file calls the server."""
        return self.host if self.port == PORT else f"[{self.host}]:{self.port}"


class SftpInbox(Inbox):
    """Files of one folder of a server whose key was confirmed."""

    def __init__(self, terms: SftpTerms) -> None:
        """Remember how to connect; nothing is asked yet.

        :raise InboxError: ``NOT_INSTALLED`` or ``NO_HOST_KEY``.
        """
        self._paramiko = _paramiko()
        if not terms.host_key:
            raise InboxError(Trouble.NO_HOST_KEY, terms.host)
        self._terms = terms
        self._client = None
        self._sftp = None

    def __enter__(self) -> "SftpInbox":
        """Connect.

        :raise InboxError: the server is not reached, is another one, or does not let us in.
        """
        terms = self._terms
        key = _private_key(self._paramiko, terms)
        self._client = self._paramiko.SSHClient()
        # Known, so that the server shows the key of this kind, if it has several.
        entry = self._paramiko.hostkeys.HostKeyEntry.from_line(
            f"{terms.known_name} {terms.host_key}"
        )
        self._client.get_host_keys().add(
            terms.known_name, terms.host_key.kind, entry.key
        )
        try:
            _connect(
                self._paramiko,
                self._client,
                terms,
                password=None if key else terms.password or None,
                pkey=key,
            )
            self._sftp = self._open_sftp()
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def _open_sftp(self):
        try:
            sftp = self._client.open_sftp()
            sftp.get_channel().settimeout(ANSWER_SECONDS)
        except (self._paramiko.SSHException, OSError, EOFError):
            raise InboxError(Trouble.BROKEN, self._terms.host) from None
        return sftp

    def entries(self) -> list[Entry]:
        """See :meth:`Inbox.entries`."""
        folder = self._terms.folder or "."
        try:
            listed = self._sftp.listdir_attr(folder)
        except (FileNotFoundError, PermissionError):
            raise InboxError(Trouble.NO_FOLDER, folder) from None
        except (self._paramiko.SSHException, OSError, EOFError):
            raise InboxError(Trouble.BROKEN, self._terms.host) from None
        found = [
            Entry(each.filename, each.st_size or 0, int(each.st_mtime or 0))
            for each in listed
            if stat.S_ISREG(each.st_mode or 0) and _is_plain(each.filename)
        ]
        return sorted(found, key=lambda entry: entry.name)

    def fetch(self, entry: Entry) -> BinaryIO:
        """See :meth:`Inbox.fetch`."""
        path = posixpath.join(self._terms.folder, entry.name)
        try:
            # Nothing is asked for ahead: Paramiko would keep the whole file in memory.
            file = self._sftp.open(path, "rb")
        except (FileNotFoundError, PermissionError):
            raise InboxError(Trouble.NO_FILE, entry.name) from None
        except (self._paramiko.SSHException, OSError, EOFError):
            raise InboxError(Trouble.BROKEN, self._terms.host) from None
        return _Reading(file, self._paramiko.SSHException, self._terms.host)


class _Reading(io.RawIOBase):
    """A file of the server; when the connection is lost, that is said in our words."""

    def __init__(self, file, error: type[Exception], host: str) -> None:
        super().__init__()
        self._file = file
        self._error = error
        self._host = host

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        try:
            content = self._file.read(len(buffer))
        except (self._error, OSError, EOFError):
            raise InboxError(Trouble.BROKEN, self._host) from None
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        return super().close()


def offered_key(terms: SftpTerms) -> HostKey:
    """Ask a server for its key, and hang up before anybody is named to it.

    :raise InboxError: ``NOT_INSTALLED``, ``NOT_REACHED`` or ``BROKEN``.
    """
    paramiko = _paramiko()
    with closing(paramiko.SSHClient()) as client:
        try:
            _connect(paramiko, client, terms)
        except _Shown as shown:
            return shown.key
    raise InboxError(Trouble.BROKEN, terms.host)


class _Shown(Exception):
    """The server has shown a key that nobody has confirmed."""

    def __init__(self, key: HostKey) -> None:
        super().__init__()
        self.key = key


class _Stop:
    """What to do about a key nobody has confirmed (Paramiko's MissingHostKeyPolicy)."""

    def missing_host_key(self, _client, _hostname: str, key) -> None:
        raise _Shown(_plain(key))


def _plain(key) -> HostKey:
    return HostKey(key.get_name(), key.get_base64())


def _connect(paramiko: ModuleType, client, terms: SftpTerms, **secrets) -> None:
    """Connect to a server; its key is looked at before anything of ours is sent."""
    client.set_missing_host_key_policy(_Stop())
    try:
        client.connect(
            terms.host,
            port=terms.port,
            username=terms.user,
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
            # Keys of the server's own user are none of ours.
            allow_agent=False,
            look_for_keys=False,
            **secrets,
        )
        return
    except _Shown as shown:
        if not terms.host_key:
            raise
        problem = InboxError(Trouble.OTHER_HOST_KEY, shown.key.fingerprint)
    except paramiko.BadHostKeyException as error:
        problem = InboxError(Trouble.OTHER_HOST_KEY, _plain(error.key).fingerprint)
    except paramiko.AuthenticationException:
        problem = InboxError(Trouble.REFUSED, terms.host)
    except (paramiko.SSHException, EOFError):
        problem = InboxError(Trouble.BROKEN, terms.host)
    except OSError:
        problem = InboxError(Trouble.NOT_REACHED, terms.host)
    # Outside the handlers: no traceback carries what was sent along.
    raise problem


def _private_key(paramiko: ModuleType, terms: SftpTerms):
    """The key to log in with; None when there is a password only."""
    if not terms.private_key:
        return None
    for name in _KEY_CLASSES:
        try:
            return getattr(paramiko, name).from_private_key(
                io.StringIO(terms.private_key), terms.password or None
            )
        except (paramiko.SSHException, ValueError, TypeError, IndexError):
            continue
    raise InboxError(Trouble.BAD_KEY, terms.host)


def _paramiko() -> ModuleType:
    try:
        return importlib.import_module(PACKAGE)
    except ImportError:
        raise InboxError(Trouble.NOT_INSTALLED, PACKAGE) from None


def _is_plain(name: str) -> bool:
    """Whether a name is one of a file in this folder, whatever the server calls it."""
    return name.isprintable() and "/" not in name and name not in ("", ".", "..")
