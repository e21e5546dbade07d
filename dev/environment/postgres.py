"""The PostgreSQL server: the one that ``PGHOST`` names, else a private cluster of the clone.

A private cluster listens on a Unix socket only and is stopped by the last process that used
it. Everybody who uses it holds a lease: a file with the process id.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import paths
from .console import SetupError, exclusive, run, step
from .system_packages import postgres_bin

USER = "odoo"
# A Unix socket's path may have about 100 characters, this much is the file's own name.
SOCKET_LIMIT = 100 - len("/.s.PGSQL.5432")


def is_private() -> bool:
    """Whether the cluster is ours to start and stop."""
    return not any(os.environ.get(name) for name in ("PGHOST", "PGPORT", "PGUSER"))


def connection() -> dict[str, str]:
    """The ``PG*`` variables that reach the server."""
    if is_private():
        return {"PGHOST": str(_socket_folder()), "PGPORT": "5432", "PGUSER": USER}
    return {
        "PGHOST": os.environ.get("PGHOST", "/var/run/postgresql"),
        "PGPORT": os.environ.get("PGPORT", "5432"),
        "PGUSER": os.environ.get("PGUSER") or pwd.getpwuid(os.getuid()).pw_name,
        **(
            {"PGPASSWORD": os.environ["PGPASSWORD"]}
            if "PGPASSWORD" in os.environ
            else {}
        ),
    }


def environment() -> dict[str, str]:
    """The process environment of everything we start: our PATH, the server, UTC."""
    path = f"{paths.BIN}:{paths.VENV / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, **connection(), "PATH": path, "TZ": "UTC"}


@contextmanager
def lease() -> Iterator[None]:
    """Have the server running; stop a private one when nobody else uses it any more."""
    if not is_private():
        yield
        return
    leases = paths.RUN / "postgres-leases"
    leases.mkdir(parents=True, exist_ok=True)
    mine = leases / str(os.getpid())
    with exclusive("postgres"):
        mine.touch()
        _start()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        with exclusive("postgres"):
            mine.unlink(missing_ok=True)
            if not any(_alive(file) for file in leases.iterdir()):
                _stop()


def stop_unused() -> None:
    """Stop the private cluster, unless somebody uses it.

    :raise SetupError: another process of this clone is still at work.
    """
    leases = paths.RUN / "postgres-leases"
    if not is_private() or not leases.exists():
        return
    with exclusive("postgres"):
        if any(_alive(file) for file in leases.iterdir()):
            raise SetupError("another command of this clone is still running")
        _stop()


def is_ours() -> bool:
    """Whether ``PG*`` leads to the clone's cluster, set by us or not at all."""
    return is_private() or os.environ.get("PGHOST") == str(_socket_folder())


def crash() -> None:
    """Have the clone's cluster end as in a crash, and start again.

    :raise SetupError: the server is somebody else's.
    """
    if not is_ours():
        raise SetupError("a PostgreSQL server that is not ours is not restarted")
    data = _data_folder()
    with exclusive("postgres"):
        _server(
            *("pg_ctl", "-D", data, "-w", "-m", "immediate", "-l", data / "log"),
            "restart",
        )


def _interrupt(_number, _frame) -> None:
    raise SystemExit(143)


def _alive(file: Path) -> bool:
    if Path(f"/proc/{file.name}").exists():
        return True
    file.unlink(missing_ok=True)
    return False


def _start() -> None:
    if (_data_folder() / "postmaster.pid").exists() and _running():
        return
    sockets = _socket_folder()
    sockets.mkdir(parents=True, exist_ok=True)
    _give(sockets)
    if not (_data_folder() / "PG_VERSION").exists():
        with step("PostgreSQL: create a private cluster"):
            _create()
    _server("pg_ctl", "-D", _data_folder(), "-w", "-l", _data_folder() / "log", "start")


def _create() -> None:
    data = _data_folder()
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, mode=0o700)
    _give(data)
    _server(
        *("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"),
        "--locale=C.UTF-8",
    )
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(
            "listen_addresses = ''\n"
            f"unix_socket_directories = '{_socket_folder()}'\n"
            "unix_socket_permissions = 0700\n"
            "max_connections = 200\n"
            "shared_buffers = 512MB\n"
            "max_wal_size = 4GB\n"
            # The data of a development cluster may be lost with the machine's power.
            "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
        )


def _stop() -> None:
    if _running():
        _server("pg_ctl", "-D", _data_folder(), "-w", "-m", "fast", "stop")


def _running() -> bool:
    command = _as_owner([postgres_bin("pg_ctl"), "-D", _data_folder(), "status"])
    return not subprocess.run(command, capture_output=True, cwd="/").returncode


def _server(program: str, *arguments: object) -> None:
    run(_as_owner([postgres_bin(program), *arguments]), f"postgres-{program}", cwd="/")


def _as_owner(command: list[object]) -> list[str]:
    """PostgreSQL refuses to run as root: then its own system user runs it."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    return [*prefix, *(str(part) for part in command)]


def _give(folder: Path) -> None:
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")


def _data_folder() -> Path:
    return _reachable("postgres") / "data"


def _socket_folder() -> Path:
    inside = _reachable("postgres")
    if len(str(inside)) < SOCKET_LIMIT:
        return inside
    return paths.short_folder("socket")


def _reachable(name: str) -> Path:
    """The folder in the clone, or one outside where the ``postgres`` user cannot get to it."""
    if os.getuid() != 0:
        return paths.LOCAL / name
    try:
        pwd.getpwnam("postgres")
    except KeyError as error:
        raise SetupError("run set-up first: PostgreSQL is not installed") from error
    closed = any(
        not parent.stat().st_mode & 0o001
        for parent in (paths.ROOT, *paths.ROOT.parents)
    )
    return paths.short_folder(name) if closed else paths.LOCAL / name
