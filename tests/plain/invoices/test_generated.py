"""Files of 20,000 charges in each layout: every cent, every family, in bounded memory."""

import tracemalloc
from collections import Counter
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility_carriers.invoices import base
from odoo.addons.shipment_visibility_carriers.invoices.mapping import ColumnMapping

from dev import freight

LINES = 20_000
MOST_BYTES = 10_000_000
MAPPING = ColumnMapping(**freight.mapped.MAPPING)


def _reader(layout):
    format_class = base.format_class(layout)
    return format_class(MAPPING) if format_class.needs_mapping else format_class()


def _found(lines):
    found = freight.Truth(totals={}, families=Counter())
    for line in lines:
        found.lines += 1
        found.families[line.family] += 1
        if line.family != "info":
            number = line.invoice.number
            before = found.totals.get(number, Decimal(0))
            found.totals[number] = before + line.amount + line.tax
    return found


@pytest.mark.parametrize("layout", freight.LAYOUTS)
def test_twenty_thousand_charges_are_read_to_the_cent_in_little_memory(
    layout, tmp_path
):
    path = tmp_path / "invoice"
    truth = freight.write(layout, path, LINES, seed=6)
    assert truth.lines >= LINES
    with path.open("rb") as stream:
        tracemalloc.start()
        try:
            found = _found(_reader(layout).read(stream))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert found == truth
    assert peak < MOST_BYTES


@pytest.mark.parametrize("layout", set(freight.LAYOUTS) - {"mapped"})
def test_the_total_that_an_invoice_says_is_the_sum_of_its_charges(layout, tmp_path):
    path = tmp_path / "invoice"
    truth = freight.write(layout, path, 2000, seed=7)
    with path.open("rb") as stream:
        said = {
            line.invoice.number: line.invoice.total
            for line in _reader(layout).read(stream)
        }
    assert said == truth.totals


def test_a_workbook_is_read_as_the_table_is(tmp_path):
    path = tmp_path / "invoice.xlsx"
    truth = freight.mapped.write_workbook(path, 2000, seed=6)
    with path.open("rb") as stream:
        assert _found(_reader("mapped").read(stream)) == truth


@pytest.mark.parametrize("layout", set(freight.LAYOUTS) - {"x12_210"})
def test_styles_of_tables_say_the_same(layout, tmp_path):
    path = tmp_path / "invoice"
    found = []
    for style in (
        freight.Style(),
        freight.Style(";", ",", "cp1252"),
        freight.Style("\t", ",", "utf-16"),
        freight.Style(",", ",", "utf-8-sig"),
    ):
        freight.write(layout, path, 300, seed=8, style=style)
        with path.open("rb") as stream:
            found.append(list(_reader(layout).read(stream)))
    assert all(lines == found[0] for lines in found)


def test_a_seed_makes_the_same_file_again(tmp_path):
    first, second, other = (tmp_path / name for name in "abc")
    freight.write("ups_billing", first, 500, seed=1)
    freight.write("ups_billing", second, 500, seed=1)
    freight.write("ups_billing", other, 500, seed=2)
    assert first.read_bytes() == second.read_bytes() != other.read_bytes()
