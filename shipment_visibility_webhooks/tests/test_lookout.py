from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .. import lookout
from ..metrics import flusher
from ..metrics.counters import counters
from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestLookout(WebhookCommon, TransactionCase):
    """Jobs of a host that is gone are found, though nothing else wakes the queue."""

    def setUp(self):
        super().setUp()
        self.addCleanup(lookout.forget)

    def wakes_for(self, state, seconds):
        """Whether the queue's runner is woken for a job that was handed out so long ago."""
        self.env["shipment.webhook.drain"]._wake()
        job = self.drain_jobs()
        handed_out = fields.Datetime.now() - timedelta(seconds=seconds)
        job.write({"state": state, "date_enqueued": handed_out})
        self.env.flush_all()
        count = lookout.wake(self.env.cr)
        job.unlink()
        return bool(count)

    def test_the_runner_is_woken_when_it_no_longer_spares_a_job(self):
        for state in ("enqueued", "started"):
            self.assertFalse(self.wakes_for(state, 5), "it would look away")
            self.assertTrue(self.wakes_for(state, 15))
            self.assertFalse(self.wakes_for(state, 60), "it was woken before")
        self.assertFalse(self.wakes_for("done", 15))

    def test_a_database_is_looked_after_while_messages_come_and_then_left_alone(self):
        counters.put_back("no_such_database", {("received", ()): 1})
        with patch.object(flusher.sql_db, "db_connect") as connect:
            flusher.flush()
            connect.reset_mock()
            lookout.look()
            connect.assert_called_once_with("no_such_database")
            with patch.object(lookout.time, "monotonic", return_value=float("inf")):
                lookout.look()
            lookout.look()
            connect.assert_called_once()

    def test_a_database_in_trouble_is_looked_at_again(self):
        lookout.attend("no_such_database")
        with patch.object(lookout.sql_db, "db_connect", side_effect=OSError) as connect:
            lookout.look()
            lookout.look()
        self.assertEqual(connect.call_count, 2)
