from concurrent.futures import ThreadPoolExecutor

from odoo.addons.shipment_visibility_webhooks.metrics.counters import Counters


def test_counts_are_kept_by_name_and_labels_and_taken_once():
    counters = Counters()
    counters.count("refused", endpoint=1, reason="wrong")
    counters.count("refused", reason="wrong", endpoint=1)
    counters.count("refused", endpoint=2, reason="wrong")
    counters.count("received", 3, endpoint=1)
    assert counters.take() == {
        ("refused", (("endpoint", 1), ("reason", "wrong"))): 2,
        ("refused", (("endpoint", 2), ("reason", "wrong"))): 1,
        ("received", (("endpoint", 1),)): 3,
    }
    assert counters.take() == {}


def test_a_look_takes_nothing():
    counters = Counters()
    counters.count("refused", endpoint=1, reason="wrong")
    counters.count("received", endpoint=1)
    expected = [({"endpoint": 1, "reason": "wrong"}, 1)]
    assert counters.look("refused") == expected
    assert counters.look("refused") == expected


def test_nothing_is_lost_between_threads():
    counters = Counters()
    taken = []

    def work(number):
        for _ in range(1000):
            counters.count("received")
        taken.append(counters.take())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    taken.append(counters.take())
    assert sum(sum(counts.values()) for counts in taken) == 8000
