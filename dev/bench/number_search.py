"""How fast a shipment is found by its tracking number, or by a part of it, among a million."""

from collections.abc import Iterator

from dev import shell
from dev.environment import console, databases

from .harness import Conditions, Measure, Round, benchmark

PACKAGES = 1_000_000
# A consignment in three has parcels under a master number.
SHIPMENTS = 600_000
SEARCHES = 4
RUNS = 3

# Replica: the keys of what is made here need no check, which would take minutes.
FILL = """
SET session_replication_role = replica;
DROP INDEX shipment_package__number_normalised_index;
DROP INDEX shipment_shipment__master_normalised_index;
INSERT INTO shipment_carrier (name, code, active)
     VALUES ('Bench Post', 'bench_post', true);

INSERT INTO shipment_shipment
            (name, active, company_id, direction, headline, phase, carrier_id,
             correlation_id, access_token, open_exception_count,
             master_number, master_normalised)
     SELECT 'BENCH/' || n, true, company.id, 'outbound', 'in_transit', 'line_haul',
            carrier.id, md5('c' || n), md5('t' || n), 0, master, master
       FROM generate_series(1, :shipments) AS n,
            LATERAL (SELECT CASE WHEN n % 3 = 0
                            THEN '003407' || lpad((n * 7919::bigint)::text, 14, '0')
                             END) AS m(master),
            (SELECT min(id) AS id FROM res_company) AS company,
            (SELECT max(id) AS id FROM shipment_carrier) AS carrier;

-- As three large carriers write them: 18, 20 and 20 characters, runs of a shipper's own.
INSERT INTO shipment_package
            (shipment_id, company_id, carrier_id, sequence, live, headline,
             tracking_number, number_normalised)
     SELECT first.id + (n % :shipments), first.company_id, first.carrier_id, 1, true,
            'in_transit', number, number
       FROM generate_series(0, :packages - 1) AS n,
            (SELECT min(id) AS id, min(company_id) AS company_id,
                    min(carrier_id) AS carrier_id
               FROM shipment_shipment WHERE name LIKE 'BENCH/%') AS first,
            LATERAL (SELECT abs(hashint8extended(n, 1)) AS random) AS r,
            LATERAL (SELECT CASE n % 3
                WHEN 0 THEN '1Z' || substr('A1B2C3X7Y8Z9', 1 + 6 * (n % 2), 6) || '68'
                            || lpad((random % 100000000)::text, 8, '0')
                WHEN 1 THEN '00340434' || lpad((random % 1000000000000)::text, 12, '0')
                ELSE 'JJD0003900' || lpad((random % 10000000000)::text, 10, '0')
                END) AS w(number)
ON CONFLICT DO NOTHING;

CREATE INDEX shipment_package__number_normalised_index
          ON shipment_package USING gin (number_normalised gin_trgm_ops);
CREATE INDEX shipment_shipment__master_normalised_index
          ON shipment_shipment USING gin (master_normalised gin_trgm_ops);
VACUUM ANALYZE shipment_package;
VACUUM ANALYZE shipment_shipment;
"""

MEASURE = """
import statistics
import time

from odoo.tools import SQL

TRIGRAM = [
    ["shipment_package", "shipment_package__number_normalised_index"],
    ["shipment_shipment", "shipment_shipment__master_normalised_index"],
]
shipment = env["shipment.shipment"].with_user(env.ref("base.user_admin"))
env.cr.execute(
    "SELECT number_normalised FROM shipment_package WHERE id %% 7919 = 0"
    " ORDER BY id LIMIT %s",
    [given["searches"] * 3],
)
numbers = [row[0] for row in env.cr.fetchall()]

def spaced(number):
    return f"{number[:4]} {number[4:8]}-{number[8:]}"

KINDS = {
    "exact": lambda number: number,
    "exact, with spaces and dashes": spaced,
    "prefix of 12": lambda number: number[:12],
    "last 8": lambda number: number[-8:],
    "middle 8": lambda number: number[6:14],
}

def search(text):
    begin = time.perf_counter()
    found = shipment.search([("tracking_numbers", "ilike", text)], limit=80)
    assert found, text
    return time.perf_counter() - begin

def measure(turn):
    share = numbers[turn::3][: given["searches"]]
    return {
        kind: [search(cut(number)) for number in share] for kind, cut in KINDS.items()
    }

def without_trigram(turn):
    env.cr.execute('SAVEPOINT without')
    for _table, index in TRIGRAM:
        env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(index)))
    try:
        return measure(turn)
    finally:
        env.cr.execute('ROLLBACK TO SAVEPOINT without')

def plan(text):
    query = shipment._search([("tracking_numbers", "ilike", text)], limit=80)
    env.cr.execute(SQL("EXPLAIN (ANALYZE, COSTS OFF) %s", query.select()))
    return [row[0] for row in env.cr.fetchall()]

def size(index):
    env.cr.execute("SELECT pg_relation_size(%s::regclass)", [index])
    return round(env.cr.fetchone()[0] / 2**20, 1)

def prefix_index():
    '''What an index that knows beginnings only would cost, and do.'''
    env.cr.execute('SAVEPOINT prefix')
    env.cr.execute(
        "CREATE INDEX bench_prefix ON shipment_package"
        " (number_normalised text_pattern_ops)"
    )
    seconds = []
    for number in numbers:
        begin = time.perf_counter()
        env.cr.execute(
            "SELECT shipment_id FROM shipment_package"
            " WHERE number_normalised LIKE %s LIMIT 80",
            [number[:12] + "%"],
        )
        env.cr.fetchall()
        seconds.append(time.perf_counter() - begin)
    told = {"MB": size("bench_prefix"), "prefix of 12, bare SQL, ms":
            round(statistics.median(seconds) * 1000, 2)}
    env.cr.execute('ROLLBACK TO SAVEPOINT prefix')
    return told

measure(0)
rounds = []
for turn in range(given["runs"]):
    sides = [("ours", measure), ("baseline", without_trigram)]
    rounds.append({
        name: side(turn % 3) for name, side in (sides if turn % 2 else sides[::-1])
    })
env.cr.execute("SELECT count(*) FROM shipment_package")
packages = env.cr.fetchone()[0]
answer({
    "rounds": rounds,
    "packages": packages,
    "sizes": {index: size(index) for _table, index in TRIGRAM},
    "prefix": prefix_index(),
    "plan": plan(spaced(numbers[0])),
    "broad": {text: round(search(text) * 1000, 1) for text in ("1Z", "0034", "JJD0003")},
})
"""


@benchmark(
    "number-search",
    unit="ms",
    ours="search by number with the trigram indexes (less is better)",
    baseline="the same search without them",
)
def number_search(conditions: Conditions) -> Iterator[Round]:
    """Finding a shipment by any part of a number among a million parcels."""
    with databases.copied(databases.template(), "bench") as database:
        with console.step(f"{PACKAGES:,} parcels"):
            databases.execute(
                database,
                FILL,
                ("packages", str(PACKAGES)),
                ("shipments", str(SHIPMENTS)),
            )
        told = shell.Script(database, MEASURE, searches=SEARCHES, runs=RUNS).result(
            timeout=900
        )
    for one in told["rounds"]:
        yield Round(*(_measure(one[side]) for side in ("ours", "baseline")))
    kinds = told["rounds"][0]["ours"]
    conditions |= {
        "packages": told["packages"],
        "shipments": SHIPMENTS,
        "search": "shipment.shipment.search([('tracking_numbers', 'ilike', …)], limit=80)"
        " as the administrator; the figure is the median over all kinds",
        "median ms by kind": {
            kind: {
                side: _median_ms([s for one in told["rounds"] for s in one[side][kind]])
                for side in ("ours", "baseline")
            }
            for kind in kinds
        },
        "index sizes, MB": told["sizes"],
        "a prefix index instead": told["prefix"],
        "ms of one search for a beginning that very many have": told["broad"],
    }
    print("\n" + "\n".join(told["plan"]))


def _measure(side: dict[str, list[float]]) -> Measure:
    seconds = [one for kind in side.values() for one in kind]
    return Measure(_median_ms(seconds), seconds)


def _median_ms(seconds: list[float]) -> float:
    return Measure(0, seconds).percentile(0.5)
