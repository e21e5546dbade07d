"""Has the queue find jobs whose server is gone, when nothing else would wake it soon.

queue_job's runner looks for them whenever a job changes, and otherwise once a minute. It
spares jobs that were handed out less than ten seconds ago: they may be on their way. So when
a host dies with all the queue's room taken by such jobs, and no message arrives, the host
that takes over would look once, too early, and then stand still for a minute.
"""

import logging
import os
import time

from odoo import sql_db

_logger = logging.getLogger(__name__)

# Seconds for which a database is looked after since this process served a webhook there.
ATTENTION = 120.0
# Seconds after which the runner no longer spares a job, and for how long it is told so.
SPARED = 11
TOLD = 12

_until = {}

BEGIN = "SET LOCAL statement_timeout = '5s'"
WAKE = """
    SELECT pg_notify('queue_job', uuid)
      FROM queue_job, (SELECT now() AT TIME ZONE 'UTC' AS utc) AS clock
     WHERE state IN ('enqueued', 'started')
       AND date_enqueued < utc - %(spared)s * interval '1 second'
       AND date_enqueued > utc - %(told)s * interval '1 second'
"""


def attend(database):
    """Look after the jobs of a database for a while."""
    _until[database] = time.monotonic() + ATTENTION


def forget():
    """Look after no database any more."""
    _until.clear()


def wake(cr):
    """Wake the runner for jobs it no longer spares; return how many there are.

    Most of them are well and at work: the runner sees that by their locks.
    """
    cr.execute(WAKE, {"spared": SPARED, "told": SPARED + TOLD})
    return cr.rowcount


def look():
    """Look after each database that this process has served lately."""
    for database, until in list(_until.items()):
        if time.monotonic() > until:
            _until.pop(database, None)
            continue
        try:
            with sql_db.db_connect(database).cursor() as cr:
                cr.execute(BEGIN)
                wake(cr)
        except Exception as error:  # noqa: BLE001 the next look is in a few seconds
            _logger.debug("no look at %s: %s", database, type(error).__name__)


os.register_at_fork(after_in_child=forget)
