"""A carrier's file through jobs that are killed on the way, each in a process of its own."""

import zipfile

import pytest

from dev import freight, shell
from dev.environment import databases

LINES = 1_500
BATCH = 400

BEGIN = """
import base64
import os
import signal
from pathlib import Path

from odoo.addons.shipment_visibility_carriers.models import (
    shipment_carrier_invoice_reading as reading,
)

env["shipment.carrier"]._get_or_create("ups", "UPS")
env["res.currency"].with_context(active_test=False).search([("name", "=", "USD")]).active = True
record = env["shipment.carrier.invoice.file"].create({
    "name": "both.zip",
    "file": base64.b64encode(Path(given["path"]).read_bytes()),
    "on_error": given["on_error"],
})
record.action_import()
env.cr.commit()
reading.BATCH_SIZE = given["batch"]
files = type(record)
original, calls = getattr(files, given["method"]), []

def until(self, *arguments):
    original(self, *arguments)
    calls.append(1)
    if len(calls) == given["calls"]:
        os.kill(os.getpid(), signal.SIGKILL)

setattr(files, given["method"], until)
record._job_import()
"""
GO_ON = """
from odoo.addons.shipment_visibility_carriers.models import (
    shipment_carrier_invoice_reading as reading,
)

reading.BATCH_SIZE, reading.SECONDS = given["batch"], -1
record = env["shipment.carrier.invoice.file"].search([])
before = (record.state, record.line_count)
jobs = 0
while record.state == "running":
    record._job_import()
    jobs += 1
    env.cr.commit()
    env.invalidate_all()
answer({
    "before": before,
    "jobs": jobs,
    "state": record.state,
    "trouble": record.trouble,
    "counts": [record.line_count, record.known_count],
    "lines": env["shipment.carrier.invoice.line"].search_count([]),
    "totals": {one.name: f"{one.net_total:.2f}" for one in record.invoice_ids},
})
"""
IN_TURN = """
import base64
from pathlib import Path

from odoo.addons.queue_job.exception import RetryableJobError

env["shipment.carrier"]._get_or_create("ups", "UPS")
env["res.currency"].with_context(active_test=False).search([("name", "=", "USD")]).active = True
record = env["shipment.carrier.invoice.file"].create({
    "name": "1.csv", "file": base64.b64encode(Path(given["path"]).read_bytes()),
})
record.action_import()
env.cr.commit()
refused = ""
with env.registry.cursor() as other:
    # As the job of another file of the company does it.
    busy = record.with_env(env(cr=other))
    assert busy._locked(f"shipment-carrier-invoice-files-of-{record.company_id.id}")
    try:
        record._job_import()
    except RetryableJobError as error:
        refused = str(error)
    env.cr.rollback()
    before = (record.state, record.line_count)
record._job_import()
env.cr.commit()
answer({"refused": refused, "before": before, "after": (record.state, record.line_count)})
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Two files in one, and what is in them."""
    folder = tmp_path_factory.mktemp("invoices")
    path, totals, lines = folder / "both.zip", {}, 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for seed in (1, 2):
            truth = freight.write("ups_billing", folder / f"{seed}.csv", LINES, seed)
            whole.write(folder / f"{seed}.csv", f"{seed}.csv")
            totals |= {number: f"{total:.2f}" for number, total in truth.totals.items()}
            lines += truth.lines
    return path, lines, totals


@pytest.mark.parametrize(
    ("on_error", "method", "calls", "batches"),
    [
        ("keep", "_store_batch", 5, 4),
        ("refuse", "_check_batch", 6, 0),
    ],
)
def test_a_file_whose_job_is_killed_is_imported_to_the_cent_and_once(
    archive, on_error, method, calls, batches
):
    path, lines, totals = archive
    given = {"path": str(path), "on_error": on_error, "batch": BATCH}
    with databases.copied(databases.template(), "invoices") as database:
        with pytest.raises(shell.ScriptFailed):
            shell.run(database, BEGIN, method=method, calls=calls, **given)
        told = shell.run(database, GO_ON, batch=BATCH)
    state, count = told["before"]
    assert state == "running"
    # What was committed is there, and nothing of what was only looked through.
    assert batches <= count / BATCH <= calls
    assert (told["state"], told["trouble"]) == ("done", False)
    assert told["jobs"] > 1
    assert told["counts"] == [lines, 0]
    assert told["lines"] == lines
    assert told["totals"] == totals


def test_two_files_of_a_company_are_read_one_after_the_other(tmp_path):
    freight.write("ups_billing", tmp_path / "1.csv", 20, 1)
    with databases.copied(databases.template(), "turn") as database:
        told = shell.run(database, IN_TURN, path=str(tmp_path / "1.csv"))
    assert told["refused"] == "Another file is being imported; this one comes next."
    assert told["before"] == ["running", 0]
    assert told["after"][0] == "done"
    assert told["after"][1] > 0
