"""What goes out in tables is calculated nowhere."""

import csv
import io

import pytest

from odoo.addons.shipment_visibility_carriers.invoices.writing import cell, table


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\0=1",
        "-",
        "=",
        "-1e9",
    ],
)
def test_what_a_spreadsheet_would_calculate_is_a_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-3.10", "+1,234.50", "12", "0", "Row 3: =1", "1ZDEMO", ""]
)
def test_numbers_and_words_stay_as_they_are(text):
    assert cell(text) == text


def test_nothing_is_an_empty_cell_and_zero_is_not():
    assert [cell(value) for value in (None, False, 0)] == ["", "", "0"]


def test_a_table_is_read_back_as_it_was_said():
    content = table([("a", "b"), ("é,\n", "=1")])
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["a", "b"], ["é,\n", "'=1"]]
