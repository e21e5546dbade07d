"""What is told to Prometheus: the names, and how sums and states become its text.

Plain Python: numbers come in, text goes out.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from .counters import counters

FASTEST = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
FAST = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SLOW = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
ENDLESS = "+Inf"


@dataclass(frozen=True, slots=True)
class Metric:
    """Something that is told.

    :ivar name: as Prometheus knows it; a counter's gets ``_total``.
    :ivar labels: all others that were counted are summed up.
    :ivar bounds: of the buckets in seconds, for a histogram.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


# By the name under which they are counted.
COUNTED = {
    "received": Metric(
        "shipment_webhook_received",
        "Messages that were verified and stored.",
        ("endpoint",),
    ),
    "duplicate": Metric(
        "shipment_webhook_duplicates",
        "Messages that were verified and had been stored before.",
        ("endpoint",),
    ),
    "refused": Metric(
        "shipment_webhook_refused",
        "Messages that were not accepted, by reason.",
        ("endpoint", "reason"),
    ),
    "drained": Metric(
        "shipment_webhook_drained",
        "Stored messages that were worked on, by what became of them.",
        ("outcome",),
    ),
    "dead": Metric(
        "shipment_webhook_dead",
        "Messages that became dead letters, by class.",
        ("failure",),
    ),
    "request_seconds": Metric(
        "shipment_webhook_request_seconds",
        "From the arrival of a message to the commit, before the answer leaves.",
        bounds=FASTEST,
    ),
    "processing_seconds": Metric(
        "shipment_webhook_processing_seconds",
        "From the receipt of a message, or its replay, to its being processed.",
        bounds=SLOW,
    ),
    "carrier_call": Metric(
        "shipment_carrier_calls",
        "Requests to carriers, by what came of them.",
        ("account", "operation", "outcome"),
    ),
    "carrier_call_seconds": Metric(
        "shipment_carrier_call_seconds",
        "How long carriers took to answer.",
        ("account",),
        bounds=FAST,
    ),
    "outbox_attempt": Metric(
        "shipment_outbox_attempts",
        "Attempts to send a message to another system, by what came of them.",
        ("subscription", "outcome"),
    ),
}

# What is read from the database when it is asked for.
STATES = {
    metric.name: metric
    for metric in (
        Metric(
            "shipment_webhook_backlog", "Messages that wait, counted up to 100,000."
        ),
        Metric(
            "shipment_webhook_oldest_seconds",
            "Age of the oldest message that waits, also for another attempt.",
        ),
        Metric(
            "shipment_webhook_overdue_seconds",
            "For how long the most overdue message could have been processed.",
        ),
        Metric(
            "shipment_webhook_dead_letters",
            "Dead letters by class, counted up to 100,000.",
            ("failure",),
        ),
        Metric(
            "shipment_mapping_gaps",
            "Codes of a carrier that nobody has mapped.",
            ("carrier",),
        ),
        Metric(
            "shipment_mapping_gap_events",
            "Events with a code that nobody has mapped.",
            ("carrier",),
        ),
        Metric(
            "shipment_queue_jobs",
            "Jobs of the queue that are not over, counted up to 100,000.",
            ("channel", "state"),
        ),
        Metric(
            "shipment_queue_overdue_seconds",
            "For how long the most overdue job could have been run.",
        ),
        Metric("shipment_queue_runner", "1 while a queue runner holds its lock."),
        Metric(
            "shipment_carrier_breaker",
            "1 for the state in which the circuit breaker of an account is.",
            ("account", "state"),
        ),
        Metric(
            "shipment_bookings", "Bookings that are under way or unknown.", ("state",)
        ),
        Metric(
            "shipment_account_info",
            "1; the name of an account.",
            ("account", "name", "carrier"),
        ),
        Metric(
            "shipment_endpoint_info",
            "1; the name of an endpoint, and its account.",
            ("endpoint", "name", "account"),
        ),
        Metric(
            "shipment_outbox_waiting",
            "Messages to another system that wait, counted up to 100,000.",
            ("subscription",),
        ),
        Metric(
            "shipment_outbox_oldest_seconds",
            "Age of the oldest of them, also if it waits for another attempt.",
            ("subscription",),
        ),
        Metric(
            "shipment_outbox_given_up",
            "Messages to another system that were given up, counted up to 100,000.",
            ("subscription",),
        ),
        Metric(
            "shipment_outbox_overdue_seconds",
            "For how long the most overdue message could have been sent.",
        ),
        Metric(
            "shipment_subscriptions",
            "Subscriptions of other systems, by how they do.",
            ("status",),
        ),
        Metric(
            "shipment_subscription_info",
            "1; the name of a subscription.",
            ("subscription", "name"),
        ),
    )
}

Labels = Mapping[str, str]


def observe(name: str, seconds: float, **labels: object) -> None:
    """Count how long something took, in the histogram of this name."""
    bounds = COUNTED[name].bounds
    position = bisect_left(bounds, seconds)
    bound = str(bounds[position]) if position < len(bounds) else ENDLESS
    counters.count(name, le=bound, **labels)
    counters.count(f"{name}_sum", max(seconds, 0.0), **labels)


def exported_names() -> set[str]:
    """All names of samples that may be told."""
    names = set(STATES)
    for metric in COUNTED.values():
        endings = ("_bucket", "_count", "_sum") if metric.bounds else ("_total",)
        names.update(f"{metric.name}{ending}" for ending in endings)
    return names


def render(
    sums: Iterable[tuple[str, Labels, float]],
    states: Iterable[tuple[str, Labels, float]],
) -> bytes:
    """The text for Prometheus.

    :param sums: what was counted: name, labels, value. Unknown names are left out.
    :param states: the name of one of ``STATES``, labels, value.
    """
    registry = CollectorRegistry()
    registry.register(_Given([*_counted_families(sums), *_state_families(states)]))
    return generate_latest(registry)


class _Given:
    """A collector of what is there already."""

    def __init__(self, families):
        self._families = families

    def describe(self):
        return []

    def collect(self):
        return self._families


def _counted_families(sums):
    by_name = defaultdict(list)
    for name, labels, value in sums:
        by_name[name].append((labels, value))
    for name, metric in COUNTED.items():
        if metric.bounds:
            yield _histogram(metric, by_name[name], by_name[f"{name}_sum"])
        else:
            family = CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
            for values, value in _summed(metric, by_name[name]).items():
                family.add_metric(values, value)
            yield family


def _histogram(metric, buckets, totals):
    family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    by_bound = defaultdict(list)
    for labels, value in buckets:
        by_bound[labels.get("le", ENDLESS)].append((labels, value))
    counts = {bound: _summed(metric, rows) for bound, rows in by_bound.items()}
    total = _summed(metric, totals)
    series = {values for summed in counts.values() for values in summed}
    known = [str(bound) for bound in metric.bounds]
    for values in sorted(series):
        sofar, cumulated = 0.0, []
        for bound in known:
            sofar += counts.get(bound, {}).get(values, 0.0)
            cumulated.append((bound, sofar))
        # Also what was counted with bounds that have been changed since.
        everything = sum(summed.get(values, 0.0) for summed in counts.values())
        cumulated.append((ENDLESS, everything))
        family.add_metric(values, cumulated, total.get(values, 0.0))
    return family


def _summed(metric, rows):
    """values of the metric's labels -> sum; without labels there is always one."""
    summed = defaultdict(float) if metric.labels else defaultdict(float, {(): 0.0})
    for labels, value in rows:
        summed[tuple(str(labels.get(label, "")) for label in metric.labels)] += value
    return summed


def _state_families(states):
    by_name = defaultdict(list)
    for name, labels, value in states:
        by_name[name].append((labels, value))
    for name, metric in STATES.items():
        family = GaugeMetricFamily(name, metric.help, labels=metric.labels)
        for labels, value in by_name[name]:
            family.add_metric([labels[label] for label in metric.labels], value)
        yield family
