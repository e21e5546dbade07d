import pytest

from .carrier_server import serving


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "offering(operation): a contract's test of those that offer it"
    )


def pytest_generate_tests(metafunc):
    """Run a contract's test for each operation that the adapter under test offers."""
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", metafunc.cls.operations)


def pytest_terminal_summary(terminalreporter):
    """Say plainly what was not tested because the carriers' papers are not here."""
    for report in terminalreporter.stats.get("skipped", ()):
        if isinstance(report, pytest.CollectReport):
            terminalreporter.write_line(f"NOT TESTED: {report.longrepr[2]}")


def pytest_collection_modifyitems(config, items):
    """Leave out of a contract what the adapter under test does not offer."""
    omitted = [item for item in items if not _applies(item)]
    if omitted:
        config.hook.pytest_deselected(items=omitted)
        items[:] = [item for item in items if item not in omitted]


def _applies(item):
    marks = item.iter_markers("offering")
    return all(item.cls.offers(operation) for mark in marks for operation in mark.args)


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
