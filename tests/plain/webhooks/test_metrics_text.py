"""The text for Prometheus, read back as Prometheus reads it."""

import os
import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from odoo.addons.shipment_visibility_webhooks.metrics import exposition
from odoo.addons.shipment_visibility_webhooks.metrics.counters import Counters


def _read(sums=(), states=()):
    text = exposition.render(sums, states).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_labels_that_are_not_told_are_summed_up():
    sums = [
        ("refused", {"endpoint": "1", "reason": "stale", "more": "a"}, 2),
        ("refused", {"endpoint": "1", "reason": "stale", "more": "b"}, 3),
        ("refused", {"reason": "unknown"}, 1),
    ]
    read = _read(sums)
    name = "shipment_webhook_refused_total"
    assert read[name, (("endpoint", "1"), ("reason", "stale"))] == 5
    assert read[name, (("endpoint", ""), ("reason", "unknown"))] == 1


def test_what_nobody_has_declared_is_not_told():
    assert not [key for key in _read([("other", {}, 1)]) if "other" in key[0]]


def test_a_histogram_is_cumulated_and_its_sum_is_told():
    sums = [
        ("request_seconds", {"le": "0.001"}, 2),
        ("request_seconds", {"le": "0.5"}, 1),
        ("request_seconds", {"le": "+Inf"}, 1),
        ("request_seconds_sum", {}, 7.5),
    ]
    read = _read(sums)
    name = "shipment_webhook_request_seconds"
    assert read[f"{name}_bucket", (("le", "0.001"),)] == 2
    assert read[f"{name}_bucket", (("le", "0.25"),)] == 2
    assert read[f"{name}_bucket", (("le", "0.5"),)] == 3
    assert read[f"{name}_bucket", (("le", "+Inf"),)] == 4
    assert read[f"{name}_count", ()] == 4
    assert read[f"{name}_sum", ()] == 7.5


def test_a_duration_is_counted_in_the_bucket_it_fits(monkeypatch):
    counters = Counters()
    monkeypatch.setattr(exposition, "counters", counters)
    for seconds in (0.001, 0.0011, 9.0):
        exposition.observe("request_seconds", seconds)
    counted = counters.take()
    assert counted.pop(("request_seconds_sum", ())) == pytest.approx(9.0021)
    assert counted == {
        ("request_seconds", (("le", bound),)): 1 for bound in ("0.001", "0.002", "+Inf")
    }


def test_every_sample_has_a_name_that_is_declared():
    sums = [
        (name, {"le": "+Inf"} if metric.bounds else {}, 1)
        for name, metric in exposition.COUNTED.items()
    ]
    states = [
        (name, dict.fromkeys(metric.labels, "x"), 1)
        for name, metric in exposition.STATES.items()
    ]
    assert {
        name for name, _labels in _read(sums, states)
    } == exposition.exported_names()


def test_databases_are_kept_apart():
    counters = Counters()

    key, taken = ("received", ()), []

    def serve(database, act):
        def run():
            threading.current_thread().dbname = database
            act()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    for database, number in (("one", 1), ("two", 2), ("three", 3)):
        serve(database, lambda number=number: counters.count("received", number))
    serve("two", lambda: taken.append(counters.look("received")))
    serve("two", lambda: taken.append(counters.take()))
    assert taken == [[({}, 2)], {key: 2}]
    assert counters.take_all() == {"one": {key: 1}, "three": {key: 3}}


def test_who_serves_no_database_sees_them_together():
    counters = Counters()
    key = ("received", ())
    for database, number in (("one", 1), ("two", 2)):
        counters.put_back(database, {key: number})
    assert counters.look("received") == [({}, 3)]
    assert counters.take() == {key: 3}
    assert counters.take() == {}


def test_what_is_put_back_is_taken_again():
    counters = Counters()
    counters.count("received", 2)
    [(database, counts)] = counters.take_all().items()
    counters.count("received")
    counters.put_back(database, counts)
    assert counters.take() == {("received", ()): 3}


def test_each_process_is_attended_once_from_its_first_count_on():
    counters, calls = Counters(), []
    counters.attend(lambda: calls.append(os.getpid()))
    assert not calls
    counters.count("received")
    counters.count("received")
    assert len(calls) == 1
    counters.forget()  # As a fork does in the child.
    assert counters.take_all() == {}
    counters.count("received")
    assert len(calls) == 2
