"""pytest plugin of all stages: a skip is a failure, and the ten slowest of all are shown."""

import json
import os

import pytest

from dev.environment import paths

DURATIONS = paths.RUN / "durations.json"
SHOWN = 10


def forget_durations() -> None:
    """Begin a run of all stages."""
    DURATIONS.unlink(missing_ok=True)


def _durations() -> dict[str, float]:
    return json.loads(DURATIONS.read_text()) if DURATIONS.exists() else {}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """Fail what would be skipped: a missing browser or server must not look like success."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"must not be skipped: {report.longrepr}"


def pytest_terminal_summary(terminalreporter):
    """Print the slowest tests of the stages so far, this one included."""
    durations = _durations()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                durations[report.nodeid] = (
                    durations.get(report.nodeid, 0) + report.duration
                )
    paths.RUN.mkdir(parents=True, exist_ok=True)
    # In one step: another stage may be about to read it.
    written = DURATIONS.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(durations))
    written.replace(DURATIONS)
    slowest = sorted(durations.items(), key=lambda item: -item[1])[:SHOWN]
    terminalreporter.section(f"the {SHOWN} slowest so far")
    for name, seconds in slowest:
        terminalreporter.write_line(f"{seconds:7.1f} s  {name}")
