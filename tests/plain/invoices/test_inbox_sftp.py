"""Files behind SFTP: no secret leaves us before the server is known to be the right one."""

import base64
import io
import stat
import sys
from types import ModuleType, SimpleNamespace

import pytest

from odoo.addons.shipment_visibility_carriers.invoices.inbox import (
    Entry,
    HostKey,
    InboxError,
    SftpInbox,
    SftpTerms,
    Trouble,
    offered_key,
)

SECRET = "demo-password-4711"
PRIVATE_KEY = "demo private key"


def key(kind="ssh-ed25519", content=b"1"):
    blob = len(kind).to_bytes(4, "big") + kind.encode() + content
    return HostKey(kind, base64.b64encode(blob).decode())


class PublicKey:
    def __init__(self, plain):
        self._plain = plain

    def get_name(self):
        return self._plain.kind

    def get_base64(self):
        return self._plain.content


class Server:
    """What is at the other end, and what it was told."""

    def __init__(self):
        self.keys = [key()]
        self.files = {}
        self.logins = []
        self.options = {}
        self.fault = None
        self.is_closed = True
        self.timeout = None

    def file(self, name, content, mode=stat.S_IFREG | 0o644, modified=1_700_000_000):
        self.files[name] = (content, mode, modified)


class SSHException(Exception):
    pass


class AuthenticationException(SSHException):
    pass


class BadHostKeyException(SSHException):
    def __init__(self, hostname, got_key, expected_key):
        super().__init__(hostname)
        self.key = got_key
        self.expected_key = expected_key


class HostKeys(dict):
    def add(self, hostname, keytype, given):
        self.setdefault(hostname, {})[keytype] = given


class Key:
    def __init__(self, kind):
        self.kind = kind

    @classmethod
    def from_private_key(cls, file_obj, password=None):
        if file_obj.read() != PRIVATE_KEY or password not in (None, SECRET):
            raise SSHException("not a valid private key file")
        return cls("demo")


class OtherKey:
    @classmethod
    def from_private_key(cls, file_obj, password=None):
        raise SSHException("not a valid private key file")


class SSHClient:
    def __init__(self, server):
        self._server = server
        self._host_keys = HostKeys()

    def get_host_keys(self):
        return self._host_keys

    def set_missing_host_key_policy(self, policy):
        self._policy = policy

    def connect(self, hostname, port=22, username=None, **options):
        if self._server.fault == "reach":
            raise ConnectionRefusedError(111, "refused")
        self._server.is_closed = False
        self._server.options = options
        name = hostname if port == 22 else f"[{hostname}]:{port}"
        known = self._host_keys.get(name, {})
        shown = next(
            (k for k in self._server.keys if k.kind in known), self._server.keys[0]
        )
        expected = known.get(shown.kind)
        if not known or (expected is None and self._server.fault == "policy"):
            self._policy.missing_host_key(self, name, PublicKey(shown))
        elif expected is None or expected.get_base64() != shown.content:
            raise BadHostKeyException(hostname, PublicKey(shown), expected)
        self._server.logins.append((username, options["password"], options["pkey"]))
        if self._server.fault == "login":
            raise AuthenticationException(f"no: {options['password']}")
        if self._server.fault == "banner":
            raise SSHException("Error reading SSH protocol banner")

    def open_sftp(self):
        return SFTPClient(self._server)

    def close(self):
        self._server.is_closed = True


class SFTPClient:
    def __init__(self, server):
        self._server = server

    def get_channel(self):
        def settimeout(seconds):
            self._server.timeout = seconds

        return SimpleNamespace(settimeout=settimeout)

    def listdir_attr(self, path="."):
        if path == "/nothing":
            raise FileNotFoundError(2, "No such file")
        if self._server.fault == "list":
            raise EOFError()
        return [
            SimpleNamespace(
                filename=name,
                st_size=len(content),
                st_mode=mode,
                st_mtime=modified,
            )
            for name, (content, mode, modified) in self._server.files.items()
        ]

    def open(self, filename, mode="r", bufsize=-1):
        folder, _slash, name = filename.rpartition("/")
        assert (folder, mode) == ("/out", "rb")
        if name not in self._server.files:
            raise FileNotFoundError(2, "No such file")
        if self._server.fault == "read":
            return BrokenFile(self._server.files[name][0])
        return io.BytesIO(self._server.files[name][0])


class BrokenFile(io.BytesIO):
    def read(self, size=-1):
        raise TimeoutError()


def from_line(line, lineno=None):
    _name, kind, content = line.split()
    return SimpleNamespace(key=PublicKey(HostKey(kind, content)))


@pytest.fixture
def server(monkeypatch):
    """Paramiko as its documentation describes it, with one server that it reaches."""
    server = Server()
    package = ModuleType("paramiko")
    package.SSHClient = lambda: SSHClient(server)
    package.SSHException = SSHException
    package.AuthenticationException = AuthenticationException
    package.BadHostKeyException = BadHostKeyException
    package.Ed25519Key = package.ECDSAKey = OtherKey
    package.RSAKey = Key
    package.hostkeys = SimpleNamespace(
        HostKeyEntry=SimpleNamespace(from_line=from_line)
    )
    monkeypatch.setitem(sys.modules, "paramiko", package)
    return server


def terms(**values):
    return SftpTerms(
        **{
            "host": "sftp.parcels.example",
            "user": "shipper",
            "folder": "/out",
            "password": SECRET,
            "host_key": key(),
            **values,
        }
    )


def refused(**values):
    with pytest.raises(InboxError) as caught, SftpInbox(terms(**values)):
        pass
    error = caught.value
    # Neither what is said nor what is carried along may show a secret.
    while error is not None:
        assert SECRET not in f"{error!r} {error}"
        error = error.__cause__ or (
            None if error.__suppress_context__ else error.__context__
        )
    return caught.value


def test_files_of_the_folder_are_listed_and_read(server):
    server.file("b.csv", b"two")
    server.file("a.csv", b"x" * 100_000)
    server.file("old", b"", stat.S_IFDIR | 0o755)
    server.file("link.csv", b"1", stat.S_IFLNK | 0o777)
    server.file("../../etc/passwd", b"1")
    with SftpInbox(terms()) as inbox:
        listed = inbox.entries()
        assert listed == [
            Entry("a.csv", 100_000, 1_700_000_000),
            Entry("b.csv", 3, 1_700_000_000),
        ]
        with inbox.fetch(listed[0]) as stream:
            assert stream.read(70_000) + stream.read(70_000) == b"x" * 100_000
    assert server.is_closed
    assert server.logins == [("shipper", SECRET, None)]


def test_nobody_waits_for_ever_and_no_key_of_the_server_itself_is_used(server):
    with SftpInbox(terms()):
        assert server.timeout
    for name in ("timeout", "banner_timeout", "auth_timeout"):
        assert server.options[name]
    assert not server.options["allow_agent"]
    assert not server.options["look_for_keys"]


def test_a_private_key_is_tried_as_each_kind_and_its_password_stays_with_us(server):
    with SftpInbox(terms(private_key=PRIVATE_KEY)):
        pass
    ((user, password, used),) = server.logins
    assert (user, password, used.kind) == ("shipper", None, "demo")


def test_what_is_no_private_key_is_said_before_anything_is_sent(server):
    assert refused(private_key="something else").trouble is Trouble.BAD_KEY
    assert not server.logins


def test_without_a_confirmed_key_nobody_is_connected(server):
    assert refused(host_key=None).trouble is Trouble.NO_HOST_KEY
    assert not server.logins


def test_the_server_shows_its_key_before_anybody_is_named(server):
    shown = offered_key(terms(host_key=None, password=""))
    assert shown == key()
    assert shown.fingerprint.startswith("SHA256:")
    assert not server.logins
    assert server.is_closed


@pytest.mark.parametrize(
    "shown", [key(content=b"2"), key("ssh-rsa"), key("ssh-rsa", b"3")]
)
@pytest.mark.parametrize("fault", [None, "policy"])
def test_another_key_stops_before_the_password_is_sent(server, shown, fault):
    server.keys, server.fault = [shown], fault
    error = refused()
    assert error.trouble is Trouble.OTHER_HOST_KEY
    assert error.about == shown.fingerprint
    assert not server.logins
    assert server.is_closed


def test_of_several_keys_the_confirmed_one_is_asked_for(server):
    server.keys = [key("ssh-rsa", b"9"), key()]
    with SftpInbox(terms(port=2222)):
        pass
    assert server.logins


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("reach", Trouble.NOT_REACHED),
        ("login", Trouble.REFUSED),
        ("banner", Trouble.BROKEN),
    ],
)
def test_why_it_did_not_connect_is_said(server, fault, expected):
    server.fault = fault
    assert refused().trouble is expected
    assert server.is_closed


def test_a_folder_or_file_that_is_not_there_is_said(server):
    with SftpInbox(terms(folder="/nothing")) as inbox:
        with pytest.raises(InboxError) as caught:
            inbox.entries()
        assert caught.value.trouble is Trouble.NO_FOLDER
    with SftpInbox(terms()) as inbox:
        with pytest.raises(InboxError) as caught:
            inbox.fetch(Entry("gone.csv", 1, 0))
        assert caught.value.trouble is Trouble.NO_FILE


def test_a_connection_that_breaks_is_said(server):
    server.file("a.csv", b"1")
    with SftpInbox(terms()) as inbox:
        server.fault = "list"
        with pytest.raises(InboxError) as caught:
            inbox.entries()
        assert caught.value.trouble is Trouble.BROKEN
        server.fault = "read"
        with (
            inbox.fetch(Entry("a.csv", 1, 0)) as stream,
            pytest.raises(InboxError) as caught,
        ):
            stream.read(10)
        assert caught.value.trouble is Trouble.BROKEN


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "paramiko", None)
    for ask in (lambda: SftpInbox(terms()), lambda: offered_key(terms())):
        with pytest.raises(InboxError) as caught:
            ask()
        assert (caught.value.trouble, caught.value.about) == (
            Trouble.NOT_INSTALLED,
            "paramiko",
        )


def test_terms_show_no_secret():
    assert SECRET not in repr(terms(private_key=SECRET))


@pytest.mark.parametrize(
    "text",
    ["", "ssh-ed25519", "ssh-ed25519 !!!!", "ssh-rsa " + key().content, "a b"],
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(ValueError, match="public key"):
        HostKey.parse(text)


def test_a_public_key_is_read_as_files_have_it():
    assert HostKey.parse(f"{key()} somebody@example\n") == key()
