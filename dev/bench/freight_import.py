"""How fast invoices of carriers are imported, against Odoo's own import, and in what memory."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from dev import freight, shell
from dev.environment import databases, odoo
from dev.faults.processes import http_workers

from .harness import Conditions, Measure, Round, benchmark
from .webhook_accept import ADDONS, install_baseline

LINES = 200_000
# Odoo's import takes so long that a sample has to do; both are told by the second.
SAMPLE = 10_000
WARM_UP = 1_000
RUNS = 3
WORKERS = 2
TIMEOUT = 3600.0
# As the columns of UPS's layout are counted, from 1.
COLUMNS = 250
FIELDS = {
    3: "account",
    5: "invoice_date",
    6: "invoice_number",
    10: "invoice_currency",
    11: "invoice_amount",
    12: "shipped_on",
    14: "lead_number",
    19: "pieces",
    21: "tracking_number",
    22: "reference",
    27: "entered_weight",
    28: "entered_unit",
    29: "billed_weight",
    30: "billed_unit",
    32: "weight_type",
    33: "dimensions",
    34: "zone",
    35: "category",
    36: "detail",
    44: "classification",
    45: "code",
    46: "description",
    51: "currency",
    52: "incentive",
    53: "net",
}
MEASURE = """
import base64
import csv
import time
from decimal import Decimal
from pathlib import Path

TRACKING_NUMBER = 20
# What the import screen of Odoo sends in one request.
ODOO_BATCH = 2_000
carrier = env["shipment.carrier"]._get_or_create("ups", "UPS")
env["res.currency"].with_context(active_test=False).search([("name", "=", "USD")]).active = True

def make_shipments(path, mark):
    '''Nine of ten parcels of a file are known; as many more are not in it.'''
    with open(path, newline="") as stream:
        numbers = sorted({row[TRACKING_NUMBER] for row in csv.reader(stream)})
    known = [number for place, number in enumerate(numbers) if place % 10]
    env.cr.execute('''
        INSERT INTO shipment_shipment
               (name, active, company_id, direction, headline, phase, carrier_id,
                correlation_id, access_token, open_exception_count)
        SELECT %(mark)s || number, true, %(company)s, 'outbound', 'in_transit', 'line_haul',
               %(carrier)s, md5('c' || number), md5('t' || number), 0
          FROM unnest(%(numbers)s) AS number
    ''', {"mark": mark, "company": env.company.id, "carrier": carrier.id, "numbers": known})
    env.cr.execute('''
        INSERT INTO shipment_package
               (shipment_id, company_id, carrier_id, sequence, live, headline,
                tracking_number, number_normalised)
        SELECT id, company_id, carrier_id, 1, true, 'in_transit',
               substr(name, length(%(mark)s) + 1), substr(name, length(%(mark)s) + 1)
          FROM shipment_shipment WHERE name LIKE %(mark)s || '%%'
    ''', {"mark": mark})
    env.cr.commit()
    # They were made days before: what PostgreSQL does about new rows is no line's cost.
    env.cr.connection.autocommit = True
    env.cr.execute("VACUUM ANALYZE shipment_shipment, shipment_package")
    env.cr.connection.autocommit = False

def begin(path):
    '''The file as it is when somebody has uploaded it.'''
    record = env["shipment.carrier.invoice.file"].create({
        "name": Path(path).name,
        "file": base64.b64encode(Path(path).read_bytes()),
        "carrier_id": carrier.id,
    })
    env.cr.commit()
    return record

def ours(path, lines, totals):
    '''Lines per second from the click to the last line, by jobs of the server.'''
    make_shipments(path, f"BENCH/{path}/")
    record = begin(path)
    started = time.perf_counter()
    record.action_import()
    env.cr.commit()
    state = "running"
    while state == "running":
        time.sleep(0.1)
        env.cr.execute("SELECT state FROM shipment_carrier_invoice_file WHERE id = %s", [record.id])
        (state,) = env.cr.fetchone()
        env.cr.commit()
    env.invalidate_all()
    rate = lines / (time.perf_counter() - started)
    assert record.state == "done", record.trouble
    assert record.line_count == lines, (record.line_count, lines)
    found = {one.name: f"{one.net_total:.2f}" for one in record.invoice_ids}
    assert found == totals, "the totals are not those of the file"
    # What is then checked is other jobs' work, and would be done while the other is measured.
    waiting = True
    while waiting:
        env.cr.commit()
        env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        env.cr.execute(
            "DELETE FROM queue_job WHERE method_name = '_job_audit' AND state = 'pending'"
        )
        env.cr.execute("SELECT count(*) FROM queue_job WHERE state NOT IN ('done', 'failed')")
        (waiting,) = env.cr.fetchone()
        time.sleep(0.2)
    env.cr.commit()
    env.invalidate_all()
    return rate

def baseline(path, lines, totals):
    '''Lines per second of Odoo's import: read once, then loaded as its screen asks for it.'''
    started = time.perf_counter()
    wizard = env["base_import.import"].create({
        "res_model": "shipment.bench.charge",
        "file": Path(path).read_bytes(),
        "file_name": Path(path).name,
        "file_type": "text/csv",
    })
    options = {
        "quoting": '"', "separator": ",", "encoding": "utf-8", "has_headers": False,
        "float_thousand_separator": "", "float_decimal_separator": ".",
        "date_format": "%m/%d/%y", "datetime_format": "",
    }
    data, names = wizard._convert_import_data(given["fields"], options)
    data = wizard._parse_import_data(data, names, options)
    loaded = 0
    for start in range(0, len(data), ODOO_BATCH):
        result = env["shipment.bench.charge"].with_context(import_file=True).load(
            names, data[start : start + ODOO_BATCH]
        )
        assert result["ids"], result["messages"]
        loaded += len(result["ids"])
        env.cr.commit()
        env.invalidate_all()
    rate = lines / (time.perf_counter() - started)
    assert loaded == lines, (loaded, lines)
    return rate

def charging(lines):
    '''Lines per second that become charges of their shipments, as the checks make them.'''
    record = env["shipment.carrier.invoice.file"].search([], limit=1)
    started = time.perf_counter()
    for invoice in record.invoice_ids:
        invoice._charge(invoice._get_billed_shipments())
        env.cr.commit()
    return lines / (time.perf_counter() - started)

for side in (ours, baseline):
    side(*given["warm_up"])  # what is loaded once is no line's cost
rounds = []
for number, files in enumerate(given["rounds"]):
    sides = [("ours", ours), ("baseline", baseline)]
    # Which one goes first alternates.
    rounds.append({
        name: side(*files[name])
        for name, side in (sides if number % 2 else reversed(sides))
    })
answer({"rounds": rounds, "charging": charging(given["rounds"][-1]["ours"][1])})
"""


@benchmark(
    "freight-import",
    unit="lines/s",
    ours="the import of carrier invoices, by its jobs",
    baseline="Odoo's own import into a plain model",
)
def freight_import(conditions: Conditions) -> Iterator[Round]:
    """Importing 200,000 lines of carrier invoices, against Odoo's import of 10,000 of them."""
    with (
        databases.copied(databases.template(), "bench") as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        install_baseline(database)
        files = _files(Path(folder))
        server = odoo.Server(
            database,
            name="bench",
            workers=WORKERS,
            channels="root:1",
            addons=[ADDONS],
        )
        server.start()
        try:
            workers = http_workers(server)
            idle = min(_megabytes(worker, "VmRSS") for worker in workers)
            told = _script(database, files).result(timeout=TIMEOUT)
            # One that was replaced on the way would have taken its peak along.
            assert set(workers) == set(http_workers(server)), "a worker has ended"
            peak = max(_megabytes(worker, "VmHWM") for worker in workers)
        finally:
            server.stop()
    for one in told["rounds"]:
        yield Round(*(Measure(one[side]) for side in ("ours", "baseline")))
    conditions |= {
        "memory_mb": {
            "idle worker": round(idle),
            "peak": round(peak),
            "above idle": round(peak - idle),
        },
        "lines": f"UPS billing data; {LINES} by our jobs, the first {SAMPLE} of them by Odoo; "
        "another file each run",
        "ours": "read, matched (nine of ten parcels are known), stored once each, totals "
        f"checked; one job at a time on a server with {WORKERS} workers",
        "baseline": "the file is read once, then model.load in batches of 2000, a transaction "
        "each, into 25 plain columns without index or relation",
        "not counted": "the upload, and the checks that follow an import; they also make "
        f"the charges of the shipments, of {round(told['charging'])} lines/s",
    }


def _files(folder: Path) -> dict[str, list]:
    """The files of all rounds: for each what the measuring functions are given."""

    def made(name: str, lines: int, seed: int) -> list:
        path = folder / f"{name}-{seed}.csv"
        truth = freight.write("ups_billing", path, lines, seed=seed)
        totals = {number: f"{total:.2f}" for number, total in truth.totals.items()}
        return [str(path), truth.lines, totals]

    def sampled(whole: list, seed: int) -> list:
        path = folder / f"sample-{seed}.csv"
        with open(whole[0], "rb") as source, path.open("wb") as sample:
            sample.writelines(next(source) for _line in range(SAMPLE))
        return [str(path), SAMPLE, {}]

    rounds = []
    for seed in range(1, RUNS + 1):
        whole = made("ours", LINES, seed)
        rounds.append({"ours": whole, "baseline": sampled(whole, seed)})
    return {"warm_up": made("warm-up", WARM_UP, RUNS + 1), "rounds": rounds}


def _script(database: str, files: dict[str, list]) -> shell.Script:
    fields = [FIELDS.get(column, False) for column in range(1, COLUMNS + 1)]
    return shell.Script(database, MEASURE, addons=[ADDONS], fields=fields, **files)


def _megabytes(worker: int, figure: str) -> float:
    """What the kernel says of a worker's memory: now (VmRSS), or at most so far (VmHWM)."""
    status = Path(f"/proc/{worker}/status").read_text()
    line = next(each for each in status.splitlines() if each.startswith(f"{figure}:"))
    return int(line.split()[1]) / 1024
