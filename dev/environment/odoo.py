"""How Odoo is started: its command line, its configuration, and a server as an object."""

import atexit
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import paths, postgres
from .console import SetupError

START_LIMIT = 90  # seconds until a server must answer
# What docs/operations.md advises: our servers show that it is enough. It ends requests and
# jobs, and nothing of what a command does without a server: an installation, a script, tests.
LIMIT_TIME_REAL = 120


def command(*arguments: str, conf: Path | None = None) -> list[str]:
    """Odoo's command line with our configuration, for one run without workers.

    :param arguments: the name of one of Odoo's commands first, unless it is the server.
    """
    if conf is None:
        conf = write_conf(f"command-{os.getpid()}", http_port=free_port(), workers=0)
        atexit.register(conf.unlink, missing_ok=True)
    name = [] if not arguments or arguments[0].startswith("-") else [arguments[0]]
    options = arguments[len(name) :]
    return [str(paths.PYTHON), str(paths.LAUNCHER), *name, "-c", str(conf), *options]


def write_conf(
    name: str,
    *,
    http_port: int,
    workers: int,
    database: str | None = None,
    channels: str = "root:2",
    addons: Sequence[Path] = (),
    server_wide: Sequence[str] = (),
) -> Path:
    """Write the configuration of one server or command and return its path.

    :param addons: more folders of addons, beside the suite and Odoo's own.
    :param server_wide: more addons that are loaded before any database.
    :param channels: of the queue; its root stays below the number of workers, or jobs wait
        for a free worker and are queued again and again.
    """
    host = postgres.connection()
    options = {
        "addons_path": ",".join(map(str, [*paths.addons_path(), *addons])),
        "data_dir": paths.DATA_DIR,
        "db_host": host["PGHOST"],
        "db_port": host["PGPORT"],
        "db_user": host["PGUSER"],
        "db_maxconn": 32,
        "list_db": False,
        "http_interface": "127.0.0.1",
        "http_port": http_port,
        "gevent_port": free_port(),
        "workers": workers,
        "max_cron_threads": 1,
        "limit_time_cpu": 600,
        "limit_time_real": LIMIT_TIME_REAL,
        "server_wide_modules": ",".join(["base,rpc,web,queue_job", *server_wide]),
        "without_demo": True,
    }
    if "PGPASSWORD" in host:
        options["db_password"] = host["PGPASSWORD"]
    if database:
        options |= {"db_name": database, "dbfilter": f"^{database}$"}
    queue = {
        "channels": channels,
        "host": "127.0.0.1",
        "port": http_port,
        "jobrunner_db_host": host["PGHOST"],
        "jobrunner_db_port": host["PGPORT"],
        "jobrunner_db_user": host["PGUSER"],
    }
    if "PGPASSWORD" in host:
        queue["jobrunner_db_password"] = host["PGPASSWORD"]
    paths.RUN.mkdir(parents=True, exist_ok=True)
    file = paths.RUN / f"{name}.conf"
    file.touch(mode=0o600)
    file.write_text(
        "[options]\n"
        + "".join(f"{key} = {value}\n" for key, value in options.items())
        + "[queue_job]\n"
        + "".join(f"{key} = {value}\n" for key, value in queue.items())
    )
    return file


def free_port() -> int:
    """A loopback TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A prefork Odoo server on loopback, with the queue's runner, on one database.

    :ivar wrapper: a command that starts it, such as one that sets another clock.
    """

    database: str
    name: str = "server"
    workers: int = 3
    channels: str = "root:2"
    addons: Sequence[Path] = ()
    server_wide: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    wrapper: tuple[str, ...] = ()
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return paths.LOGS / f"{self.name}.log"

    def start(self) -> None:
        """Start and wait until it answers."""
        conf = write_conf(
            self.name,
            http_port=self.port,
            workers=self.workers,
            database=self.database,
            channels=self.channels,
            addons=self.addons,
            server_wide=self.server_wide,
        )
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as log:
            log.truncate(0)
            self.process = subprocess.Popen(
                [*self.wrapper, *command(conf=conf)],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=postgres.environment(),
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/web/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
        raise SetupError(f"the server did not answer in {START_LIMIT} s:\n{tail}")

    def stop(self) -> None:
        """Stop it and all its workers, by the process group that is its own."""
        if self.process is None:
            return
        for number, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 10)):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                break
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        self.process = None


@contextmanager
def serving(database: str, **options) -> Iterator[Server]:
    """A running :class:`Server` that is stopped again afterwards."""
    server = Server(database, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
