"""Takes what this process has counted to the database, every few seconds.

Never in the transaction of a request: two requests would wait for each other's rows.
"""

import atexit
import json
import logging
import threading

import psycopg2

from odoo import sql_db
from odoo.modules import module

from .. import lookout
from .counters import counters

_logger = logging.getLogger(__name__)

PAUSE = 5.0
LONGEST_LABEL = 64

# Databases that could not be reached, so that an outage is told once.
_in_trouble = set()

BEGIN = """
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    SET LOCAL lock_timeout = '3s';
    SET LOCAL statement_timeout = '5s'
"""
ADD = """
    INSERT INTO shipment_metric AS metric (name, labels, value)
         SELECT * FROM unnest(%s::varchar[], %s::varchar[], %s::float8[])
    ON CONFLICT (name, labels)
      DO UPDATE SET value = metric.value + EXCLUDED.value
"""


def add(cr, counts):
    """Add to the sums that all processes share.

    :param counts: ``{(name, labels): amount}`` as :mod:`.counters` has them.
    """
    rows = sorted(
        (name, _text(labels), float(amount))
        for (name, labels), amount in counts.items()
    )
    # Always in the same order, so that two processes do not wait for each other.
    cr.execute(ADD, [list(column) for column in zip(*rows, strict=True)])


def _text(labels):
    return json.dumps({key: str(value)[:LONGEST_LABEL] for key, value in labels})


def flush():
    """Take away what was counted for each database, and keep it there.

    What cannot be kept now is kept next time. If the connection breaks while it is
    committed, it may be added twice: a sum never shrinks.
    """
    for database, counts in counters.take_all().items():
        if not database:
            continue
        lookout.attend(database)
        try:
            with sql_db.db_connect(database).cursor() as cr:
                cr.execute(BEGIN)
                add(cr, counts)
            _in_trouble.discard(database)
        except psycopg2.errors.UndefinedTable:
            _logger.debug("%s keeps no metrics", database)
        except Exception as error:  # noqa: BLE001 counting must never stop the process
            counters.put_back(database, counts)
            if database not in _in_trouble:
                _in_trouble.add(database)
                _logger.warning("metrics wait, %s: %s", database, type(error).__name__)


class Flusher(threading.Thread):
    """Flushes until the process ends."""

    def __init__(self):
        super().__init__(name="shipment-metrics", daemon=True)
        self._end = threading.Event()

    def run(self):
        """Override of `Thread`."""
        while not self._end.wait(PAUSE):
            flush()
            lookout.look()

    def finish(self):
        """Flush for the last time: a worker that is recycled loses nothing."""
        self._end.set()
        flush()


def start():
    """Begin to flush in this process."""
    if module.current_test:
        # Rows of a test would outlive it.
        return
    flusher = Flusher()
    flusher.start()
    atexit.register(flusher.finish)


counters.attend(start)
