"""The one way to write beside the caller's transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from odoo.api import Environment
from odoo.sql_db import Cursor

# One way to the server and back: a validation opens several of these.
BEGIN = """
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    SET LOCAL lock_timeout = '3s'
"""


@contextmanager
def own_transaction(env: Environment) -> Iterator[Environment]:
    """An environment on a cursor of its own, committed on leaving, rolled back on an error.

    READ COMMITTED from its first statement: what others commit while we wait for a lock is
    seen afterwards, and a concurrent twin is a wait or a skip instead of a serialization
    error. What is written here must hold no foreign key to rows the caller has written, and
    must not wait for them: PostgreSQL cannot see a deadlock that runs through Python.
    """
    with env.registry.cursor() as cr:
        if isinstance(cr, Cursor):
            # A test's cursor shares one transaction, whose level is set already.
            cr.execute(BEGIN)
        yield Environment(cr, env.uid, env.context, env.su)
