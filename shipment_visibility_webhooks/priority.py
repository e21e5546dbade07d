"""Work that gives way to people."""

import contextlib
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

# About a tenth of a processor where somebody else wants it, all of it where nobody does.
NICENESS = 10
LOWEST = 19


def give_way(work):
    """Run ``work`` with lower priority, wait for it, and return what it returns.

    In a thread of its own, which on Linux has a priority of its own: who has once given way
    may not take it back, and this worker will serve people again. The caller's cursor is not
    for that thread.
    """
    with ThreadPoolExecutor(
        1, initializer=_lower, initargs=(threading.current_thread(),)
    ) as background:
        return background.submit(work).result()


def _lower(caller):
    # What Odoo's log lines tell of a thread.
    thread = threading.current_thread()
    for name in ("dbname", "uid"):
        if hasattr(caller, name):
            setattr(thread, name, getattr(caller, name))
    if sys.platform != "linux":
        return  # There the number would name a process, and perhaps somebody else's.
    number = threading.get_native_id()
    with contextlib.suppress(OSError):
        # A server that runs with lower priority itself keeps its distance.
        own = os.getpriority(os.PRIO_PROCESS, number)
        os.setpriority(os.PRIO_PROCESS, number, min(own + NICENESS, LOWEST))
