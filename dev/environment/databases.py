"""Databases of this clone: a prepared template, and copies of it in half a second.

Every database we create carries the clone's mark in its name; no other one is touched.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import console, odoo, paths, postgres
from .console import SetupError, run, step

PREFIX = f"shipment_{paths.CLONE}_"
FILESTORE = paths.DATA_DIR / "filestore"
# What the suite is installed beside; the base template changes only when this does.
BASE_MODULES = ("sale_management", "stock_delivery", "account", "queue_job")

# Odoo's own services would be called with every delivery (a text message to the customer)
# and every new company; nothing of a developer's database may leave the machine.
STAY_LOCAL = """
    UPDATE res_company
       SET stock_text_confirmation = false, has_received_warning_stock_sms = true;
    INSERT INTO ir_config_parameter (key, value)
         SELECT key, 'http://127.0.0.1:9'
           FROM unnest(ARRAY['iap.endpoint', 'sms.endpoint',
                             'iap.partner_autocomplete.endpoint',
                             'snailmail.endpoint']) AS key
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value;
    UPDATE ir_cron SET active = false
     WHERE id IN (SELECT res_id FROM ir_model_data
                   WHERE model = 'ir.cron'
                     AND name IN ('ir_cron_module_update_notification',
                                  'snailmail_print', 'ir_cron_sms_scheduler_action',
                                  'ir_cron_web_push_notification'));
"""
# What a browser loads is made once for all copies, and not by whoever comes first, for whom
# other requests then wait. Of what Odoo would make in advance most is its own unit tests.
BUNDLES = """
wanted = {
    "web.assets_web",
    "web.assets_web_print",
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_frontend_minimal",
    "web.assets_tests",
    "web.__assets_tests_call__",
    "web.report_assets_common",
    "web.report_assets_pdf",
}
qweb = env["ir.qweb"]
scripts, styles = qweb._get_bundles_to_pregenarate()
for bundle in sorted(scripts & wanted):
    qweb._get_asset_bundle(bundle, css=False, js=True).js()
for bundle in sorted(styles & wanted):
    qweb._get_asset_bundle(bundle, css=True, js=False).css()
env.cr.commit()
"""


def name(suffix: str) -> str:
    """The full name of one of our databases."""
    return PREFIX + suffix


def execute(database: str, statement: str, *variables: tuple[str, str]) -> str:
    """Run SQL through psql and return its unaligned output."""
    settings = [part for key, value in variables for part in ("-v", f"{key}={value}")]
    answer = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *settings, "-d", database],
        input=statement,
        capture_output=True,
        text=True,
        env=postgres.environment(),
    )
    if answer.returncode:
        raise SetupError(answer.stderr.strip())
    return answer.stdout.strip()


def exists(database: str) -> bool:
    """Whether the server has this database."""
    found = execute(
        "postgres",
        "SELECT 1 FROM pg_database WHERE datname = :'db';",
        ("db", database),
    )
    return found == "1"


def drop(database: str) -> None:
    """Drop one of our databases and its files, whoever is connected to it."""
    if not database.startswith(PREFIX):
        raise ValueError(f"{database} is not a database of this clone")
    execute("postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE);')
    shutil.rmtree(FILESTORE / database, ignore_errors=True)


def copy(source: str, target: str) -> str:
    """Replace ``target`` by a copy of ``source``, files included, and return its name."""
    drop(target)
    execute("postgres", f'CREATE DATABASE "{target}" TEMPLATE "{source}";')
    if (FILESTORE / source).exists():
        shutil.copytree(FILESTORE / source, FILESTORE / target)
    return target


@contextmanager
def copied(source: str, suffix: str) -> Iterator[str]:
    """A copy that is dropped again afterwards."""
    database = copy(source, name(suffix))
    try:
        yield database
    finally:
        drop(database)


def base() -> str:
    """The template with Odoo's own modules, made when it is missing."""
    database = name("base")
    key = hashlib.sha256(f"19.0 {BASE_MODULES} {STAY_LOCAL}".encode()).hexdigest()
    with console.exclusive("base"):
        if not _is_current(database, key):
            drop(database)
            with step("database: Odoo with Sales, Inventory, Invoicing and the queue"):
                _install(database, BASE_MODULES)
                execute(database, STAY_LOCAL)
                _label(database, key)
    return database


def template() -> str:
    """The template with the suite installed, remade when a file of an addon has changed."""
    database = name("template")
    key = _fingerprint(_addon_files(), BUNDLES)
    with console.exclusive("template"):
        if not _is_current(database, key):
            source = base()
            with step("database: the suite"):
                copy(source, database)
                _install(database, paths.ADDONS)
            with step("database: what browsers load"):
                run(
                    odoo.command("shell", "-d", database, "--no-http"),
                    "bundles",
                    script=BUNDLES,
                    env=postgres.environment(),
                )
            _label(database, key)
    return database


def _install(database: str, modules: Sequence[str]) -> None:
    log = f"install-{database.removeprefix(PREFIX)}"
    run(
        odoo.command(
            *("-d", database, "-i", ",".join(modules), "--stop-after-init"),
            "--no-http",
        ),
        log,
        env=postgres.environment(),
    )


def _is_current(database: str, key: str) -> bool:
    if not exists(database):
        return False
    label = execute(
        "postgres",
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = :'db';",
        ("db", database),
    )
    return label == key


def _label(database: str, key: str) -> None:
    execute("postgres", f"COMMENT ON DATABASE \"{database}\" IS :'key';", ("key", key))


def _addon_files() -> list[Path]:
    return sorted(
        file
        for addon in paths.ADDONS
        for file in (paths.ROOT / addon).rglob("*")
        if file.is_file()
        and file.suffix != ".pyc"
        and not {"tests", "static"} & set(file.relative_to(paths.ROOT).parts)
    )


def _fingerprint(files: Sequence[Path], script: str) -> str:
    digest = hashlib.sha256(script.encode())
    for file in files:
        digest.update(str(file.relative_to(paths.ROOT)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
