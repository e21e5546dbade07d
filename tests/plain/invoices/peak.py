"""Read a file in a process of its own and tell what was found and how far memory grew.

Run as a script: tracing every allocation would take ten times as long as reading.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from dev import freight, plain_imports  # noqa: E402

plain_imports.enable()

from odoo.addons.shipment_visibility_carriers.invoices import base  # noqa: E402
from odoo.addons.shipment_visibility_carriers.invoices.mapping import (  # noqa: E402
    ColumnMapping,
)


def reader(layout: str) -> base.InvoiceFormat:
    """The format of a generated file."""
    format_class = base.format_class(layout)
    if not format_class.needs_mapping:
        return format_class()
    return format_class(ColumnMapping(**freight.mapped.MAPPING))


def found(layout: str, path: str) -> freight.Truth:
    """What is read out of a generated file."""
    truth = freight.Truth()
    with open(path, "rb") as stream:
        for line in reader(layout).read(stream):
            truth.lines += 1
            truth.families[line.family] += 1
            if line.family != "info":
                before = truth.totals.get(line.invoice.number, 0)
                truth.totals[line.invoice.number] = before + line.amount + line.tax
    return truth


def _peak() -> int:
    """The most bytes this process has ever held."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024


if __name__ == "__main__":
    _, layout, small, large = sys.argv
    found(layout, small)
    before = _peak()
    truth = found(layout, large)
    json.dump(
        {
            "growth": _peak() - before,
            "lines": truth.lines,
            "families": truth.families,
            "totals": {number: str(total) for number, total in truth.totals.items()},
        },
        sys.stdout,
    )
