"""Lines in batches, read ahead and taken side by side."""

import threading

import pytest

from odoo.addons.shipment_visibility_carriers.invoices import batches as module
from odoo.addons.shipment_visibility_carriers.invoices.batches import (
    TooManyRefused,
    ahead,
    batches,
    lanes,
)
from odoo.addons.shipment_visibility_carriers.invoices.document import InvoiceFileError

from .ledger import billed

PATIENCE = 20


def _line(row, **told):
    line = billed(row, "freight", "1.00", **told).line
    line.parcel.tracking_number = f"T{row}"
    return line


class _Found:
    """Lines, and errors that are raised in their place."""

    def __init__(self, *found):
        self._found = iter(found)

    def __iter__(self):
        return self

    def __next__(self):
        found = next(self._found)
        if isinstance(found, Exception):
            raise found
        return found


def _wrong(row):
    return InvoiceFileError(f"Row {row} is wrong.", row)


def _rows(found):
    return [[line.row for line, _ordinal in batch.lines] for batch in found]


def test_the_charges_of_a_row_stay_together():
    found = [_line(row) for row in (1, 2, 2, 2, 3, 4)]
    assert _rows(batches(iter(found), 0, 2)) == [[1, 2, 2, 2], [3, 4]]


def test_a_batch_says_where_it_ends_and_what_was_wrong():
    found = batches(_Found(_line(1), _wrong(2), _line(3), _wrong(4)), 0, 2)
    told = [(batch.row, [str(error) for error in batch.errors]) for batch in found]
    assert told == [(2, ["Row 2 is wrong."]), (4, ["Row 4 is wrong."])]


def test_a_batch_names_each_invoice_and_currency_on_it_once():
    found = [
        _line(1),
        _line(2),
        _line(3, currency="USD"),
        _line(4, number="A2"),
        _line(5),
    ]
    (batch,) = batches(iter(found), 0, 10)
    told = sorted((invoice.number, currency) for invoice, currency in batch.heads)
    assert told == [("A1", "EUR"), ("A1", "USD"), ("A2", "EUR")]


def test_what_was_read_before_is_passed_over_and_counted():
    twice = [_line(1), _line(1)]
    twice[1].row = 2
    (batch,) = batches(iter(twice), 1, 10)
    assert [(line.row, ordinal) for line, ordinal in batch.lines] == [(2, 1)]


def test_what_ends_a_file_comes_behind_what_was_good():
    found = batches(_Found(_line(1), InvoiceFileError("It is cut off.")), 0, 10)
    assert _rows([next(found)]) == [[1]]
    with pytest.raises(InvoiceFileError, match="cut off"):
        next(found)


def test_a_file_of_wrong_rows_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "MOST_REFUSED", 2)
    found = batches(_Found(_line(1), *map(_wrong, (2, 3, 4, 5))), 0, 10)
    assert len(next(found).errors) == 2
    with pytest.raises(TooManyRefused, match="Row 4"):
        next(found)


def test_reading_ahead_changes_neither_order_nor_end():
    found = [_line(row) for row in range(1, 8)]
    assert _rows(ahead(batches(iter(found), 0, 2))) == [[1, 2], [3, 4], [5, 6], [7]]
    ended = ahead(batches(_Found(_line(1), InvoiceFileError("It is cut off.")), 0, 1))
    assert _rows([next(ended)]) == [[1]]
    with pytest.raises(InvoiceFileError, match="cut off"):
        next(ended)


def test_two_go_side_by_side_and_the_first_is_finished_first():
    done, begun = [], threading.Event()

    def first(wait):
        assert begun.wait(PATIENCE), "the second did not begin meanwhile"
        wait()
        done.append("first")

    def second(wait):
        begun.set()
        wait()
        done.append("second")

    with lanes(2) as put:
        put(first)
        put(second)
    assert done == ["first", "second"]


def test_behind_a_failure_nothing_is_finished():
    done = []

    def fails(wait):
        raise KeyError("gone")

    def follows(wait):
        wait()
        done.append("second")

    with pytest.raises(KeyError, match="gone"), lanes(2) as put:
        put(fails)
        put(follows)
    assert done == []


def test_no_more_is_taken_on_than_there_are_lanes():
    done = []

    def work(wait):
        wait()
        done.append(1)

    with lanes(2) as put:
        for asked in range(1, 20):
            put(work)
            assert asked - len(done) <= 2
    assert len(done) == 19


def test_with_one_lane_all_is_done_by_the_caller():
    done = []
    with lanes(1) as put:
        put(lambda wait: done.append((wait(), threading.current_thread())))
        assert done == [(None, threading.current_thread())]
