from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..controllers import health as controller
from ..models import shipment_health as health
from .common import WebhookCommon

PATH = "/shipment/health"


@tagged("post_install", "-at_install")
class TestHealth(WebhookCommon, HttpCase):
    """What a load balancer and a stranger are told."""

    def setUp(self):
        super().setUp()
        self.forget()
        self.addCleanup(self.forget)
        self.env["queue.job"].search([]).unlink()

    def forget(self):
        """Let the next one who asks be given a fresh answer."""
        controller._answers.clear()

    def ask(self):
        """A fresh answer: its status and reasons."""
        self.env.flush_all()
        self.forget()
        response = self.url_open(PATH)
        answer = response.json()
        if response.status_code == 200:
            self.assertEqual(answer, {"status": "ready"})
            return 200, []
        self.assertEqual(answer["status"], "not ready")
        return response.status_code, answer["reasons"]

    def waiting_job(self, minutes, state="pending"):
        """A job of the drain that could have been run for so long."""
        self.env["shipment.webhook.drain"]._wake()
        job = self.env["queue.job"].search([], order="id desc", limit=1)
        at = fields.Datetime.now() - timedelta(minutes=minutes)
        self.env.flush_all()
        self.env.cr.execute(
            # Without its key, so that the next one is another one.
            "UPDATE queue_job SET date_created = %s, state = %s, date_enqueued = %s,"
            " identity_key = NULL WHERE id = %s",
            [at, state, at, job.id],
        )
        job.invalidate_recordset()
        return job

    def test_ready(self):
        self.assertEqual(self.ask(), (200, []))

    def test_a_queue_that_takes_no_job_is_not_ready(self):
        self.waiting_job(health.QUEUE_MINUTES - 1)
        self.assertEqual(self.ask(), (200, []))
        self.waiting_job(health.QUEUE_MINUTES + 1)
        status, [reason] = self.ask()
        self.assertEqual(status, 503)
        self.assertIn("No job was taken for 5 minutes", reason)

    def test_a_queue_that_is_busy_is_ready(self):
        self.waiting_job(60)
        self.waiting_job(30, state="started")
        self.assertEqual(self.ask(), (200, []))

    def test_a_queue_that_has_just_ended_a_job_is_ready(self):
        self.waiting_job(60)
        job = self.waiting_job(60, state="done")
        self.env.cr.execute(
            "UPDATE queue_job SET date_done = now() AT TIME ZONE 'UTC' WHERE id = %s",
            [job.id],
        )
        self.assertEqual(self.ask(), (200, []))

    def test_a_job_that_was_sent_and_never_started_is_not_progress(self):
        self.waiting_job(60)
        self.waiting_job(60, state="enqueued")
        self.assertEqual(self.ask()[0], 503)

    def test_a_job_for_later_does_not_wait(self):
        job = self.waiting_job(60)
        job.eta = fields.Datetime.now() + timedelta(hours=1)
        self.assertEqual(self.ask(), (200, []))

    def test_messages_that_wait_too_long_are_not_ready(self):
        receipt = self.store(self.message("delivered"))
        now = fields.Datetime.now()
        receipt.due_at = now - timedelta(minutes=health.BACKLOG_MINUTES - 1)
        self.assertEqual(self.ask(), (200, []))
        receipt.due_at = now - timedelta(minutes=health.BACKLOG_MINUTES + 1)
        status, [reason] = self.ask()
        self.assertEqual(status, 503)
        self.assertIn("more than 15 minutes", reason)

    def test_the_minutes_are_a_setting_and_nonsense_is_not(self):
        receipt = self.store(self.message("delivered"))
        receipt.due_at = fields.Datetime.now() - timedelta(minutes=3)
        parameters = self.env["ir.config_parameter"]
        for value, status in (("2", 503), ("4", 200), ("soon", 200)):
            parameters.set_param(f"{health.PREFIX}.health_backlog_minutes", value)
            self.assertEqual(self.ask()[0], status, value)

    def test_an_update_of_modules_is_not_ready(self):
        module = self.env.ref("base.module_web")
        module.state = "to upgrade"
        self.assertEqual(self.ask(), (503, ["Modules are being installed or updated."]))

    def test_a_registry_that_is_loading_is_not_ready(self):
        with patch.object(self.env.registry, "ready", False):
            self.assertEqual(self.ask(), (503, ["Odoo is still loading its modules."]))

    def test_a_database_that_takes_no_changes_is_not_ready(self):
        health_model = self.env["shipment.health"]
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            reasons = health_model._reasons()
            savepoint.rollback()
        self.assertEqual(reasons, ["The database takes no changes."])

    def test_a_database_that_fails_is_not_ready_and_says_no_more(self):
        with (
            patch.object(health, "LOOK", "SELECT secret FROM nowhere"),
            mute_logger(health.__name__, "odoo.sql_db"),
        ):
            status, reasons = self.ask()
        self.assertEqual(status, 503)
        self.assertEqual(reasons, ["The database does not answer as it should."])

    def test_who_asks_often_does_not_keep_the_database_busy(self):
        model = type(self.env["shipment.health"])
        with patch.object(model, "_reasons", return_value=[]) as look:
            for _turn in range(5):
                self.assertEqual(self.url_open(PATH).status_code, 200)
        self.assertEqual(look.call_count, 1)

    def test_a_stranger_learns_no_numbers(self):
        for number in range(7):
            receipt = self.store(self.message("delivered", number=f"X{number}"))
            receipt.due_at = fields.Datetime.now() - timedelta(hours=3)
        _status, [reason] = self.ask()
        self.assertEqual(reason, "Messages have waited for more than 15 minutes.")

    def test_psycopg_errors_outside_of_the_question_are_answers_too(self):
        model = type(self.env["shipment.health"])
        with (
            patch.object(model, "_minutes", side_effect=psycopg2.OperationalError),
            mute_logger(health.__name__),
        ):
            self.assertEqual(
                self.env["shipment.health"]._reasons()[0][:12], "The database"
            )
