import pytest

from .carrier_server import serving


def pytest_generate_tests(metafunc):
    """Run a contract's test for each operation that the adapter under test offers."""
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", metafunc.cls.operations)


def pytest_terminal_summary(terminalreporter):
    """Say plainly what was not tested because the carriers' papers are not here."""
    for report in terminalreporter.stats.get("skipped", ()):
        if isinstance(report, pytest.CollectReport):
            terminalreporter.write_line(f"NOT TESTED: {report.longrepr[2]}")


@pytest.fixture(scope="session")
def _carrier_server():
    with serving() as server:
        yield server


@pytest.fixture
def server(_carrier_server, monkeypatch):
    """The loopback carrier, answering ``{}`` until told otherwise."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    _carrier_server.reset()
    yield _carrier_server
    _carrier_server.released.set()


@pytest.fixture
def journal():
    """What a transport wrote, oldest first."""
    return []
