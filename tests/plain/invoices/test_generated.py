"""Files of 20,000 charges in each layout: every cent, every family, in bounded memory."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from dev import freight

from .peak import found, reader

LINES = 20_000
# Held as a list, the charges of any of these files are more than twice as much.
MOST_BYTES = 5_000_000


@pytest.mark.parametrize("layout", freight.LAYOUTS)
def test_twenty_thousand_charges_are_read_to_the_cent_in_little_memory(
    layout, tmp_path
):
    small, large = tmp_path / "small", tmp_path / "large"
    freight.write(layout, small, 500, seed=5)
    truth = freight.write(layout, large, LINES, seed=6)
    script = str(Path(__file__).with_name("peak.py"))
    told = json.loads(
        subprocess.run(
            [sys.executable, script, layout, str(small), str(large)],
            capture_output=True,
            check=True,
        ).stdout
    )
    assert truth.lines >= LINES
    assert told["lines"] == truth.lines
    assert told["families"] == truth.families
    totals = {number: Decimal(total) for number, total in told["totals"].items()}
    assert totals == truth.totals
    assert told["growth"] < MOST_BYTES


@pytest.mark.parametrize("layout", set(freight.LAYOUTS) - {"mapped"})
def test_the_total_that_an_invoice_says_is_the_sum_of_its_charges(layout, tmp_path):
    path = tmp_path / "invoice"
    truth = freight.write(layout, path, 1000, seed=7)
    with path.open("rb") as stream:
        said = {
            line.invoice.number: line.invoice.total
            for line in reader(layout).read(stream)
        }
    assert said == truth.totals


def test_a_workbook_is_read_as_the_table_is(tmp_path):
    path = tmp_path / "invoice.xlsx"
    truth = freight.mapped.write_workbook(path, 1000, seed=6)
    assert found("mapped", path) == truth


@pytest.mark.parametrize("layout", set(freight.LAYOUTS) - {"x12_210"})
def test_styles_of_tables_say_the_same(layout, tmp_path):
    path = tmp_path / "invoice"
    read = []
    for style in (
        freight.Style(),
        freight.Style(";", ",", "cp1252"),
        freight.Style("\t", ",", "utf-16"),
        freight.Style(",", ",", "utf-8-sig"),
    ):
        freight.write(layout, path, 300, seed=8, style=style)
        with path.open("rb") as stream:
            read.append(list(reader(layout).read(stream)))
    assert all(lines == read[0] for lines in read)


def test_a_seed_makes_the_same_file_again(tmp_path):
    first, second, other = (tmp_path / name for name in "abc")
    freight.write("ups_billing", first, 500, seed=1)
    freight.write("ups_billing", second, 500, seed=1)
    freight.write("ups_billing", other, 500, seed=2)
    assert first.read_bytes() == second.read_bytes() != other.read_bytes()
