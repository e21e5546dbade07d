"""A database with very many shipments, made of one that was really sent.

Each row is a copy of a row that Odoo and the suite have written themselves, with its own ids,
numbers, moments and state. So nothing has to be known here of columns that do not matter,
and rows are as wide as they are in life.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev import plain_imports, shell
from dev.environment import console, databases, odoo, paths, postgres

from .desk import SECRET
from .labels import WORLD

MILESTONES = 10
CUSTOMER_SHIPMENTS = 50
DAYS = 730
# Where a shipment of the crowd stands that was sent within the last days.
UNDER_WAY = 0.015
EVENTS = ("PUP", "DEP", "ARR", "OFD")

# One shipment with all that belongs to it; every other one is a copy.
PROTOTYPE = (
    WORLD
    + """
import base64
import datetime as dt
import hashlib
import json

endpoint = env["shipment.webhook.endpoint"].create(
    {"name": "Crowd", "account_id": account.id, "new_secret": given["secret"]}
)
account.poll = False
picking = deliveries(1, method)
picking.button_validate()
env.cr.commit()
number = picking.carrier_tracking_ref
now = dt.datetime.now(dt.UTC).replace(microsecond=0)
for turn, code in enumerate(given["codes"]):
    body = json.dumps({
        "id": f"{number}/{turn}",
        "type": "tracking.updated",
        "events": [{
            "tracking_number": number,
            "event_id": f"{number}/{turn}",
            "code": code,
            "description": "As carriers write it, with some words about the parcel",
            "occurred_at": (now + dt.timedelta(seconds=turn)).isoformat(),
            "location": {"city": "Lyon", "postal_code": "69002", "country": "FR"},
        }],
    }).encode()
    env["shipment.webhook.receipt"]._store(endpoint.id, body, {})
env.cr.commit()
while env["shipment.webhook.drain"]._drain_batch():
    pass
env.cr.commit()
env["shipment.effect"].search([])._write({"state": "done", "done_at": now.replace(tzinfo=None)})
env.cr.commit()
shipment = picking.shipment_ids
assert len(shipment.milestone_ids) >= len(given["codes"]), shipment.milestone_ids
type_id = env["shipment.exception.type"].search([], limit=1).id
env["shipment.exception"].create({
    "shipment_id": shipment.id,
    "key": "crowd",
    "type_id": type_id,
    "opened_at": now.replace(tzinfo=None),
    "announced": True,
})
env.cr.commit()
answer({
    "shipment": shipment.id,
    "package": shipment.package_ids.id,
    "milestone": max(shipment.milestone_ids.ids),
    "picking": picking.id,
    "customer": customer.id,
})
"""
)

# What differs from shipment to shipment; all tables are filled from it.
CROWD = """
CREATE UNLOGGED TABLE bench_crowd AS
SELECT n, n > {size} * (1 - {under_way}) AS is_open,
       {shipment} + n AS shipment_id,
       {package} + n AS package_id,
       {picking} + n AS picking_id,
       {partner} + n / {customer_shipments} AS partner_id,
       {milestone} + n * {most_milestones} AS first_milestone,
       created, chance, headline, phases.phase,
       created + interval '9 days' AS promised,
       CASE WHEN chance % 1000 <> 1 THEN
           'SBX7' || lpad((n::bigint * 7919)::text, 14, '0') END AS number,
       CASE WHEN headline = 'delivered' THEN created + interval '4 days' END AS delivered,
       CASE WHEN headline = 'delivered' THEN
           CASE WHEN chance % 100 < 8 THEN 'late' ELSE 'on_time' END
       END AS punctuality,
       CASE WHEN chance % 100 < 3 THEN 'inbound' WHEN chance % 100 < 6 THEN 'return'
            ELSE 'outbound' END AS direction,
       CASE WHEN n > {size} * (1 - {under_way}) THEN (chance % 10 = 0)::int
            ELSE (chance % 2000 = 3)::int END AS exceptions,
       chance % 200 <> 7 AS active
  FROM generate_series(1, {size}) AS n
 CROSS JOIN LATERAL (SELECT
       -- What looks like chance, and is the same each time.
       (abs(hashint8extended(n, 1)) % 1000000)::int AS chance,
       date_trunc('second', now() AT TIME ZONE 'UTC')
       - (1 - n::float / {size}) * interval '{days} days' AS created) AS drawn
 CROSS JOIN LATERAL (SELECT CASE
       WHEN n > {size} * (1 - {under_way}) THEN
           (ARRAY['info_received', 'picked_up', 'departed', 'in_transit', 'arrived',
                  'out_for_delivery', 'attempt_failed'])[1 + chance % 7]
       WHEN chance % 1000 < 20 THEN
           (ARRAY['returned', 'lost', 'cancelled'])[1 + chance % 3]
       ELSE 'delivered' END AS headline) AS state
  JOIN (VALUES {phases}) AS phases (code, phase) ON phases.code = headline;
ANALYZE bench_crowd;
"""

JOURNEY = (
    "info_received picked_up departed arrived departed arrived at_destination"
    " in_transit out_for_delivery delivered"
).split()

# Of a column that is not named the prototype's value is copied.
COPIES: Mapping[str, tuple[str, dict[str, str]]] = {
    "res_partner": (
        "SELECT p.*, c.n, c.created, c.partner_id FROM res_partner AS p, bench_crowd AS c"
        " WHERE p.id = {customer} AND c.n % {customer_shipments} = 0",
        {
            "id": "partner_id",
            "commercial_partner_id": "partner_id",
            "name": "'Customer ' || n",
            "complete_name": "'Customer ' || n",
            "email": "NULL",
            "create_date": "created",
        },
    ),
    "stock_picking": (
        "SELECT p.*, c.n, c.created, c.number, c.picking_id, c.chance, c.partner_id AS who"
        " FROM stock_picking AS p, bench_crowd AS c WHERE p.id = {picking}",
        {
            "id": "picking_id",
            "name": "'CROWD/OUT/' || n",
            "partner_id": "who",
            "carrier_tracking_ref": "number",
            "scheduled_date": "created",
            "date_deadline": "created",
            "date_done": "created",
            "create_date": "created",
            "write_date": "created",
            "shipment_booking_state": "CASE WHEN chance % 5000 = 1 THEN 'failed' END",
        },
    ),
    "shipment_shipment": (
        "SELECT s.*, c.n, c.created, c.partner_id AS who, c.shipment_id, c.delivered,"
        " c.promised, c.is_open, c.exceptions, c.headline AS now, c.phase AS now_phase,"
        " c.punctuality AS judged, c.direction AS way, c.active AS kept, c.chance"
        " FROM shipment_shipment AS s, bench_crowd AS c WHERE s.id = {shipment}",
        {
            "id": "shipment_id",
            "name": "'CROWD/' || n",
            "active": "kept",
            "partner_id": "who",
            "commercial_partner_id": "who",
            "direction": "way",
            "headline": "now",
            "phase": "now_phase",
            "headline_at": "coalesce(delivered, created + interval '3 hours')",
            "last_event_at": "CASE WHEN is_open AND chance % 5 > 0"
            " THEN greatest(created, now() AT TIME ZONE 'UTC' - interval '1 day')"
            " ELSE coalesce(delivered, created) END",
            "order_promised_at": "promised",
            "promised_at": "promised",
            "estimated_from": "NULL",
            "estimated_to": "promised",
            "estimated_date": "NULL",
            "picked_up_at": "created + interval '2 hours'",
            "delivered_at": "delivered",
            "punctuality": "judged",
            "open_exception_count": "exceptions",
            "watch_at": "CASE WHEN is_open"
            " THEN now() AT TIME ZONE 'UTC' + interval '7 days' END",
            "plan_due": "false",
            "poll_at": "NULL",
            "poll_account_id": "NULL",
            "booking_key": "'crowd-' || n",
            "correlation_id": "md5('correlation' || n)",
            "access_token": "md5('token' || n)",
            "create_date": "created",
            "write_date": "created",
        },
    ),
    "shipment_picking_rel": (
        "SELECT c.shipment_id, c.picking_id FROM bench_crowd AS c",
        {},
    ),
    "shipment_package": (
        "SELECT p.*, c.created, c.package_id, c.shipment_id AS parent, c.number,"
        " c.headline AS now, c.delivered FROM shipment_package AS p, bench_crowd AS c"
        " WHERE p.id = {package}",
        {
            "id": "package_id",
            "shipment_id": "parent",
            "tracking_number": "number",
            "number_normalised": "number",
            "headline": "now",
            "headline_at": "coalesce(delivered, created)",
            "create_date": "created",
            "write_date": "created",
        },
    ),
    "shipment_milestone": (
        "SELECT m.*, c.n, c.created, c.shipment_id AS parent, c.package_id AS parcel,"
        " c.number, c.first_milestone + k AS own_id, k, ({journey})[k] AS told"
        " FROM shipment_milestone AS m, bench_crowd AS c,"
        " generate_series(1, CASE WHEN c.is_open THEN 2 + c.n % 7 ELSE {milestones} END)"
        " AS k WHERE m.id = {milestone}",
        {
            "id": "own_id",
            "shipment_id": "parent",
            "package_id": "parcel",
            "tracking_number": "number",
            "number_normalised": "number",
            "key": "encode(sha256((n || '/' || k)::bytea), 'hex')",
            "source_event_id": "n || '/' || k",
            "code": "told",
            "parsed_code": "told",
            "occurred_at": "created + k * interval '9 hours'",
            "received_at": "created + k * interval '9 hours'",
            "origin": "'receipt:' || own_id",
        },
    ),
    "shipment_effect": (
        "SELECT e.*, c.created, c.shipment_id AS parent FROM shipment_effect AS e,"
        " bench_crowd AS c WHERE e.shipment_id = {shipment}",
        {
            "id": "nextval('shipment_effect_id_seq')",
            "shipment_id": "parent",
            "occurred_at": "created + interval '1 day'",
            "done_at": "created + interval '1 day'",
            "create_date": "created",
        },
    ),
    "shipment_charge": (
        "SELECT f.*, c.created, c.shipment_id AS parent FROM shipment_charge AS f,"
        " bench_crowd AS c WHERE f.shipment_id = {shipment}",
        {
            "id": "nextval('shipment_charge_id_seq')",
            "shipment_id": "parent",
            "create_date": "created",
        },
    ),
    "shipment_exception": (
        "SELECT e.*, c.created, c.shipment_id AS parent, c.exceptions"
        " FROM shipment_exception AS e, bench_crowd AS c"
        " WHERE e.shipment_id = {shipment} AND (c.exceptions > 0 OR c.chance % 100 < 3)",
        {
            "id": "nextval('shipment_exception_id_seq')",
            "shipment_id": "parent",
            "state": "CASE WHEN exceptions > 0 THEN 'open' ELSE 'resolved' END",
            "opened_at": "created",
            "closed_at": "CASE WHEN exceptions = 0 THEN created END",
            "escalation_at": "NULL",
            "create_date": "created",
        },
    ),
    "shipment_booking": (
        "SELECT b.*, c.n, c.created, c.picking_id, c.number"
        " FROM (SELECT * FROM shipment_booking ORDER BY id DESC LIMIT 1) AS b,"
        " bench_crowd AS c",
        {
            "id": "nextval('shipment_booking_id_seq')",
            "name": "'CROWD/OUT/' || n",
            "key": "'crowd-' || n",
            "digest": "md5('digest' || n)",
            "correlation_id": "md5('correlation' || n)",
            "picking_ids": "jsonb_build_array(picking_id)",
            "remote_id": "'crowd-' || n",
            "numbers": "number",
            "answer": "NULL",
            "asked_at": "created",
            "handed_at": "created",
            "create_date": "created",
            "write_date": "created",
        },
    ),
    "shipment_webhook_receipt": (
        "SELECT r.*, c.n, now() AT TIME ZONE 'UTC' - interval '1 day'"
        " * (1 + 80 * (1 - c.n::float / {size})) AS came"
        " FROM (SELECT * FROM shipment_webhook_receipt ORDER BY id DESC LIMIT 1) AS r,"
        " bench_crowd AS c",
        {
            "id": "nextval('shipment_webhook_receipt_id_seq')",
            "digest": "encode(sha256(n::text::bytea), 'hex')",
            "body": "NULL",
            "body_dropped_at": "came",
            "due_at": "came",
            "done_at": "came",
            "create_date": "came",
            "write_date": "came",
        },
    ),
}

# Indexes are made when the rows are there, which is many times faster.
DROP_INDEXES = """
CREATE UNLOGGED TABLE bench_index AS
SELECT indexname, indexdef, obj_description(to_regclass(indexname)) AS made_by
  FROM pg_indexes
 WHERE tablename IN ({tables}) AND indexdef NOT LIKE '%_pkey%'
   AND indexname NOT IN (SELECT conname FROM pg_constraint);
SELECT format('DROP INDEX %I', indexname) FROM bench_index \\gexec
"""
MAKE_INDEXES = """
SET maintenance_work_mem = '512MB';
SELECT indexdef FROM bench_index \\gexec
-- By its comment Odoo knows whether an index is still as it should be.
SELECT format('COMMENT ON INDEX %I IS %L', indexname, made_by) FROM bench_index
 WHERE made_by IS NOT NULL \\gexec
DROP TABLE bench_index;
"""
SEQUENCES = """
SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}));
"""


@dataclass(frozen=True)
class Crowd:
    """A database that holds a crowd, and how it is addressed."""

    database: str
    size: int

    def column(self, column: str, condition: str, count: int) -> list[str]:
        """A column of so many shipments of the crowd, spread over all of it."""
        told = databases.execute(
            self.database,
            f"SELECT {column} FROM bench_crowd WHERE {condition}"
            f" ORDER BY chance, n LIMIT {count};",
        )
        return told.splitlines()


def ready(size: int, carrier: str) -> Crowd:
    """The database with so many shipments: the one that is kept, else a new one.

    It is kept as long as the tables have the columns they had; a newer suite is installed
    over it.
    """
    template = databases.template()
    crowd = Crowd(databases.name(f"scale_{size}"), size)
    stamp = {"schema": _schema(template, size), "suite": _comment(template)}
    known = _known(crowd.database)
    if known.get("schema") != stamp["schema"]:
        _make(crowd, template, carrier)
    elif known.get("suite") != stamp["suite"]:
        _upgrade(crowd.database)
    _write_comment(crowd.database, json.dumps(stamp))
    return crowd


def _known(database: str) -> dict[str, str]:
    try:
        return json.loads(_comment(database)) if databases.exists(database) else {}
    except ValueError:
        return {}


def _comment(database: str) -> str:
    return databases.execute(
        "postgres",
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = :'db';",
        ("db", database),
    )


def _write_comment(database: str, text: str) -> None:
    databases.execute(
        "postgres", f"COMMENT ON DATABASE \"{database}\" IS :'text';", ("text", text)
    )


def _schema(template: str, size: int) -> str:
    """What a crowd depends on: the columns of its tables, and how it is made."""
    columns = databases.execute(
        template,
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        f" WHERE table_name IN ({_tables()}) ORDER BY 1, 2;",
    )
    made_by = Path(__file__).read_text()
    return hashlib.sha256(f"{size} {columns} {made_by}".encode()).hexdigest()


def _tables() -> str:
    return ", ".join(f"'{table}'" for table in COPIES)


def _make(crowd: Crowd, template: str, carrier: str) -> None:
    database = databases.copy(template, crowd.database)
    # Until it is whole, nobody takes it for one.
    _write_comment(database, "")
    with console.step("the shipment that all are copies of"):
        first = shell.Script(
            database, PROTOTYPE, carrier=carrier, secret=SECRET, codes=EVENTS
        ).result(timeout=300)
    terms = _terms(crowd.size, first)
    with console.step(f"{crowd.size:,} shipments"):
        databases.execute(database, CROWD.format(**terms))
        databases.execute(database, DROP_INDEXES.format(tables=_tables()))
    for table, (source, own) in COPIES.items():
        with console.step(f"{table} of {crowd.size:,} shipments"):
            databases.execute(database, _copy(database, table, source, own, terms))
    with console.step("indexes and statistics"):
        databases.execute(database, MAKE_INDEXES)
        for table in COPIES:
            if table != "shipment_picking_rel":
                databases.execute(database, SEQUENCES.format(table=table))
        databases.execute(database, "VACUUM ANALYZE;")


def _terms(size: int, first: dict[str, int]) -> dict[str, object]:
    plain_imports.enable()
    from odoo.addons.shipment_visibility.canonical import milestone as vocabulary

    phases = ", ".join(
        f"('{code.value}', '{vocabulary.milestone(code).phase.value}')"
        for code in vocabulary.Code
    )
    return {
        **first,
        "size": size,
        "partner": first["customer"],
        "customer_shipments": CUSTOMER_SHIPMENTS,
        "milestones": MILESTONES,
        "most_milestones": MILESTONES + 1,
        "under_way": UNDER_WAY,
        "days": DAYS,
        "phases": phases,
        "journey": f"ARRAY{JOURNEY}::varchar[]",
    }


def _copy(
    database: str, table: str, source: str, own: dict[str, str], terms: dict
) -> str:
    """The statement that fills a table."""
    told = databases.execute(
        database,
        "SELECT column_name FROM information_schema.columns"
        f" WHERE table_name = '{table}' ORDER BY ordinal_position;",
    )
    columns = told.splitlines()
    missing = own.keys() - set(columns)
    if missing:
        raise AssertionError(f"{table} has no {missing}")
    values = [own.get(column, f'"{column}"').format(**terms) for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    # Replica: the keys of what is made here need no check, which would take minutes.
    return (
        "SET session_replication_role = replica;\n"
        f"INSERT INTO {table} ({names})\n"
        f"SELECT {', '.join(values)}\n"
        f"FROM ({source.format(**terms)}) AS source;"
    )


def _upgrade(database: str) -> None:
    with console.step(f"a newer suite in {database}"):
        console.run(
            odoo.command(
                *("-d", database, "-u", ",".join(paths.ADDONS)),
                *("--stop-after-init", "--no-http"),
            ),
            "bench-upgrade",
            env=postgres.environment(),
        )
