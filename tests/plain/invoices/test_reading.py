"""Characters, delimiters, numbers and days, and files that are none."""

import codecs
import datetime as dt
import io
import tracemalloc

import pytest

from odoo.addons.shipment_visibility_carriers.invoices.document import InvoiceFileError
from odoo.addons.shipment_visibility_carriers.invoices.reading import values
from odoo.addons.shipment_visibility_carriers.invoices.reading.table import Table

from .samples import D, kept, lines, table, ups_row

CENTURY = ("yyyymmdd", "y-m-d", "m/d/y", "d.m.y")


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("12.5", ".", "12.5"),
        ("-12.50", ".", "-12.50"),
        ("12.50-", ".", "-12.50"),
        ("(12.50)", ".", "-12.50"),
        ("\u221212.50", ".", "-12.50"),
        ("+3", ".", "3"),
        (".5", ".", "0.5"),
        ("1,234,567.89", ".", "1234567.89"),
        ("1 234.5", ".", "1234.5"),
        ("1\u202f234,5", ",", "1234.5"),
        ("1'234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234", ",", "1234"),
        ("$1,234.50", ".", "1234.50"),
        ("-€5", ".", "-5"),
    ],
)
def test_amounts_as_people_write_them(text, mark, amount):
    found = values.decimal(text, mark)
    assert found == D(amount)
    assert isinstance(found, D)


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "12x", "1e5", "NaN", "Infinity", "--5", "1,23,456.0.1", "0x1F"]
    + ["$" * 90 + "1", "9" * 16, "١٢", "1_000", "=1", "1;2", "12 34", "(5", "5)"],
)
def test_what_is_no_amount_is_refused(text, mark):
    with pytest.raises(ValueError, match="is no amount; expected|too long"):
        values.decimal(text, mark)


def test_a_decimal_comma_where_points_are_written_is_refused():
    with pytest.raises(ValueError, match="expected one such as 1,234.50"):
        values.decimal("12,50", ".")


@pytest.mark.parametrize(
    "text",
    ["20260207", "2026-02-07", "2026-02-07 13:45:00", "2/7/26", "02/07/2026"]
    + ["7.2.26", "07.02.2026"],
)
def test_days_in_every_form(text):
    assert values.date(text, CENTURY) == dt.date(2026, 2, 7)


@pytest.mark.parametrize("text", ["19000101", "1/1/1900", "99991231", "1.1.2100"])
def test_days_of_another_century_are_refused(text):
    with pytest.raises(ValueError, match="lies in the year"):
        values.date(text, CENTURY)


@pytest.mark.parametrize("text", ["20260230", "2/30/26", "45000", "yesterday", "7/2"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError, match="is no date; expected one such as"):
        values.date(text, CENTURY)


NAME = "Zuschlag für „Größe“ 5 €"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("cp1252", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_delimiter_says_the_same(encoding, mark, delimiter):
    rows = [ups_row(description=NAME, account="DEMO01"), ups_row()]
    content = mark + table(rows, delimiter, encoding)
    assert lines("ups_billing", content) == lines("ups_billing", table(rows))
    assert lines("ups_billing", content)[0].description == NAME


def test_line_breaks_in_quotes_belong_to_the_cell():
    content = table([ups_row(description="a\r\nb"), ups_row()])
    found = lines("ups_billing", content)
    assert [line.row for line in found] == [1, 2]
    assert found[0].description == "a\r\nb"


def test_blank_lines_are_counted_and_passed_over():
    content = table([ups_row()]) + b"\r\n\r\n" + table([ups_row()])
    assert [line.row for line in lines("ups_billing", content)] == [1, 4]
    for row in (1, 2, 3):
        assert [line.row for line in lines("ups_billing", content, row)] == [4]


def test_a_quotation_mark_that_is_never_closed_is_told_and_holds_no_memory():
    start = table([ups_row()]) + b'"'
    content = start + table([ups_row()]) * 20_000
    tracemalloc.start()
    good, (error,) = kept("ups_billing", content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(good) == 1
    assert error.row == 2
    assert "never closed" in str(error)
    assert peak < 5_000_000


def test_a_quotation_mark_open_at_the_end_is_told():
    good, (error,) = kept("ups_billing", table([ups_row()]) + b'"abc')
    assert len(good) == 1
    assert "Row 2: a quotation mark is opened and never closed" in str(error)


def test_a_quotation_mark_within_a_cell_is_told_and_the_next_row_is_read():
    wrong = table([ups_row(description="TUBE")]).replace(b"TUBE", b'"12" tube"')
    good, (error,) = kept("ups_billing", wrong + table([ups_row()]))
    assert [line.row for line in good] == [2]
    assert "must be written twice" in str(error)


def test_zero_bytes_are_told_and_the_next_row_is_read():
    wrong = table([ups_row(description="TUBE")]).replace(b"TUBE", b"\0")
    good, (error,) = kept("ups_billing", wrong + table([ups_row()]))
    assert [line.row for line in good] == [2]
    assert "Row 1 holds zero bytes" in str(error)


def test_bytes_that_are_no_text_are_told():
    wrong = table([ups_row(description="TUBE")]).replace(b"TUBE", b"\x81")
    good, (error,) = kept("ups_billing", wrong + table([ups_row()]))
    assert [line.row for line in good] == [2]
    assert "no text" in str(error)


class Endless(io.RawIOBase):
    """One byte for ever, and how often it was asked for."""

    def __init__(self, byte):
        self.byte, self.given = byte, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[:] = self.byte * len(buffer)
        self.given += len(buffer)
        return len(buffer)


@pytest.mark.parametrize("byte", [b"\0", b"0", b'"', b",", b"\xff"])
@pytest.mark.parametrize("code", ["ups_billing", "fedex_billing", "x12_210"])
def test_a_gigabyte_of_the_same_is_refused_after_a_little(byte, code):
    from odoo.addons.shipment_visibility_carriers.invoices import base

    stream = Endless(byte)
    with pytest.raises(InvoiceFileError):
        list(base.format_class(code)().read(stream))
    assert stream.given < 2_000_000


def test_a_table_that_has_ended_for_an_error_stays_ended():
    found = Table(io.BytesIO(b"x" * 500_000))
    with pytest.raises(InvoiceFileError):
        next(found)
    assert list(found) == []
