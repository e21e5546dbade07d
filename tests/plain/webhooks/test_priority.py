"""Work that gives way to people."""

import os
import sys
import threading

import pytest

from odoo.addons.shipment_visibility_webhooks.priority import (
    LOWEST,
    NICENESS,
    give_way,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="priority of threads")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@linux_only
def test_work_that_gives_way_leaves_its_caller_as_he_was():
    before = niceness()
    assert give_way(niceness) == min(before + NICENESS, LOWEST)
    assert niceness() == before


def test_what_goes_wrong_meanwhile_is_the_callers_matter():
    def fail():
        raise ValueError("it went wrong")

    with pytest.raises(ValueError, match="it went wrong"):
        give_way(fail)


def test_its_lines_in_the_log_name_the_callers_database():
    threading.current_thread().dbname = "production"
    try:
        assert give_way(lambda: threading.current_thread().dbname) == "production"
    finally:
        del threading.current_thread().dbname
