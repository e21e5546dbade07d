import json
import re
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import psycopg2
from prometheus_client.parser import text_string_to_metric_families

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged, test_cursor

from odoo.addons.shipment_visibility_carriers.adapters.transport import Exchange

from ..controllers.webhook import ShipmentWebhook
from ..metrics import flusher
from ..metrics.counters import counters
from ..metrics.exposition import exported_names
from ..models.shipment_metric import TOKEN_KEY
from .common import WebhookCommon

DASHBOARD = Path(__file__).resolve().parents[2] / "docs" / "grafana-dashboard.json"
PATH = "/shipment/metrics"


class MetricsCommon(WebhookCommon):
    """Counts that are this test's only, and a way to read what is told."""

    def setUp(self):
        super().setUp()
        counters.take_all()
        self.addCleanup(counters.take_all)
        self.env.cr.execute("DELETE FROM shipment_metric")

    def keep(self, counts):
        """What a process does every few seconds."""
        flusher.add(self.env.cr, counts)

    def keep_own(self):
        """Flush what this process has counted for this database."""
        taken = Counter()
        for counts in counters.take_all().values():
            taken.update(counts)
        if taken:
            self.keep(taken)

    def told(self, text=None):
        """Samples by name and labels, as Prometheus reads them."""
        if text is None:
            self.env.flush_all()
            metrics = self.env["shipment.metric"].with_user(SUPERUSER_ID)
            text = metrics._render().decode()
        samples = [
            sample
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]
        found = {(s.name, frozenset(s.labels.items())): s.value for s in samples}
        self.assertEqual(len(found), len(samples), "a sample is told twice")
        return found

    def value(self, metric, text=None, /, **labels):
        """The value of one sample, ``None`` when it is not told."""
        return self.told(text).get((metric, frozenset(labels.items())))

    def committing(self):
        """Have what follows a commit happen, as it does outside of tests."""
        original = test_cursor.TestCursor.commit

        def commit(cursor):
            cursor.flush()
            cursor.postcommit.run()
            original(cursor)

        return patch.object(test_cursor.TestCursor, "commit", commit)


@tagged("post_install", "-at_install")
class TestMetrics(MetricsCommon, TransactionCase):
    """What is told of the state, and the sums of all processes."""

    def test_sums_of_two_processes_are_one_and_only_grow(self):
        key = ("received", (("endpoint", 7),))
        name = "shipment_webhook_received_total"
        self.keep({key: 2})
        self.keep({key: 3, ("refused", (("reason", "stale"),)): 1})
        self.assertEqual(self.value(name, endpoint="7"), 5)
        self.keep({key: 1})
        self.assertEqual(self.value(name, endpoint="7"), 6)
        self.env.cr.execute("SELECT count(*) FROM shipment_metric")
        self.assertEqual(self.env.cr.fetchone(), (2,))

    def test_histograms_of_two_processes_are_one(self):
        for seconds in (0.5, 1.5):
            self.keep(
                {
                    ("request_seconds", (("le", "0.5" if seconds < 1 else "2.5"),)): 1,
                    ("request_seconds_sum", ()): seconds,
                }
            )
        name = "shipment_webhook_request_seconds"
        self.assertEqual(self.value(f"{name}_count"), 2)
        self.assertEqual(self.value(f"{name}_sum"), 2.0)
        self.assertEqual(self.value(f"{name}_bucket", le="1.0"), 1)

    def test_a_database_in_trouble_loses_nothing_and_stops_nobody(self):
        key = ("received", ())
        counters.put_back("no_such_database_1", Counter({key: 2}))
        self.addCleanup(flusher._in_trouble.clear)
        with (
            patch.object(flusher.sql_db, "db_connect", side_effect=OSError),
            self.assertLogs(flusher.__name__) as logs,
        ):
            flusher.flush()
            flusher.flush()
        self.assertEqual(len(logs.output), 1, "an outage is told once")
        self.assertEqual(counters.take_all(), {"no_such_database_1": {key: 2}})

    def test_a_database_without_the_table_is_left_alone(self):
        counters.put_back("no_such_database_2", Counter({("received", ()): 2}))
        missing = psycopg2.errors.UndefinedTable
        with patch.object(flusher.sql_db, "db_connect", side_effect=missing):
            flusher.flush()
        self.assertEqual(counters.take_all(), {})

    def test_what_no_database_asked_for_is_not_kept(self):
        counters.put_back(None, Counter({("received", ()): 2}))
        with patch.object(flusher.sql_db, "db_connect") as connect:
            flusher.flush()
        connect.assert_not_called()

    def test_each_database_gets_its_own_counts(self):
        for name in ("one", "two"):
            counters.put_back(name, Counter({("received", ()): 2}))
        with patch.object(flusher.sql_db, "db_connect") as connect:
            flusher.flush()
        names = [call.args[0] for call in connect.call_args_list]
        self.assertEqual(sorted(names), ["one", "two"])

    def test_the_backlog_and_dead_letters_are_told(self):
        for code in ("picked_up", "delivered"):
            self.store(self.message(code))
        self.store(b"{")
        with self.quiet():
            self.drain()
        self.store(self.message("departed"))
        self.env.cr.execute(
            "UPDATE shipment_webhook_receipt"
            "   SET create_date = create_date - interval '9 minutes',"
            "       due_at = due_at - interval '9 minutes'"
            " WHERE state = 'received'"
        )
        self.assertEqual(self.value("shipment_webhook_backlog"), 1)
        for name in ("oldest", "overdue"):
            seconds = self.value(f"shipment_webhook_{name}_seconds")
            self.assertTrue(540 <= seconds < 600, seconds)
        name = "shipment_webhook_dead_letters"
        self.assertEqual(self.value(name, failure="malformed"), 1)
        self.assertEqual(self.value(name, failure="account"), 0)

    def test_what_is_due_later_is_not_overdue(self):
        self.store(self.message("departed"))
        self.env.cr.execute(
            "UPDATE shipment_webhook_receipt SET due_at = due_at + interval '1 hour'"
        )
        self.assertEqual(self.value("shipment_webhook_backlog"), 1)
        self.assertEqual(self.value("shipment_webhook_overdue_seconds"), 0)

    def test_the_drain_is_counted_when_it_is_committed(self):
        for code in ("picked_up", "delivered"):
            self.store(self.message(code))
        self.store(b"{")
        with self.committing(), self.quiet():
            self.drain()
        self.keep_own()
        name = "shipment_webhook_drained_total"
        self.assertEqual(self.value(name, outcome="done"), 2)
        self.assertEqual(self.value(name, outcome="dead"), 1)
        self.assertEqual(
            self.value("shipment_webhook_dead_total", failure="malformed"), 1
        )
        name = "shipment_webhook_processing_seconds"
        self.assertEqual(self.value(f"{name}_count"), 2)

    def test_a_drain_that_is_rolled_back_counts_nothing(self):
        receipt = self.store(self.message("delivered"))
        with self.committing():
            with self.assertRaises(ZeroDivisionError), self.env.registry.cursor() as cr:
                self.env(cr=cr)["shipment.webhook.receipt"].browse(receipt.id)._finish()
                raise ZeroDivisionError
        self.assertEqual(counters.take_all(), {})

    def test_what_waited_before_a_replay_does_not_count(self):
        receipt = self.store(self.message("delivered"))
        self.env.cr.execute(
            "UPDATE shipment_webhook_receipt SET create_date = '2020-01-01 00:00:00'"
        )
        receipt.action_replay()
        with self.committing():
            self.drain()
        self.keep_own()
        seconds = self.value("shipment_webhook_processing_seconds_sum")
        self.assertLess(seconds, 3600)

    def test_calls_to_carriers_are_counted_where_they_are_written(self):
        exchange = Exchange(
            operation="book",
            correlation_id="x",
            method="POST",
            url="http://localhost/",
            request="",
            response="",
            outcome="unavailable",
            status=503,
            milliseconds=1200,
        )
        self.env["shipment.message"]._journal(self.account)(exchange)
        self.keep_own()
        account = str(self.account.id)
        self.assertEqual(
            self.value(
                "shipment_carrier_calls_total",
                account=account,
                operation="book",
                outcome="unavailable",
            ),
            1,
        )
        name = "shipment_carrier_call_seconds"
        self.assertEqual(self.value(f"{name}_sum", account=account), 1.2)
        self.assertEqual(self.value(f"{name}_bucket", account=account, le="1.0"), 0)
        self.assertEqual(self.value(f"{name}_bucket", account=account, le="2.5"), 1)

    def test_an_open_breaker_is_told_with_the_account_it_is_of(self):
        account = str(self.account.id)
        name = "shipment_carrier_breaker"
        self.assertEqual(self.value(name, account=account, state="closed"), 1)
        self.env["shipment.carrier.gate"].create(
            {"account_id": self.account.id, "trips": 1, "open_until": 4e9}
        )
        self.assertEqual(self.value(name, account=account, state="open"), 1)
        self.assertEqual(self.value(name, account=account, state="closed"), 0)
        self.assertEqual(
            self.value(
                "shipment_account_info", account=account, name="Test", carrier="sandbox"
            ),
            1,
        )

    def test_jobs_gaps_and_bookings_are_told(self):
        self.env["queue.job"].search([]).unlink()
        self.env["shipment.webhook.drain"]._wake()
        channel = "root.shipment.webhook"
        self.env["shipment.mapping.gap"]._count(
            {(self.account.carrier_id.id, code): (3, "?") for code in ("A", "B")}
        )
        bookings = self.env["shipment.booking"]
        for key, state in (("k1", "unknown"), ("k2", "requested"), ("k3", "booked")):
            bookings.create({"key": key, "digest": key, "state": state})
        told = self.told()

        def value(name, **labels):
            return told.get((name, frozenset(labels.items())))

        self.assertEqual(
            value("shipment_queue_jobs", channel=channel, state="pending"), 1
        )
        carrier = self.account.carrier_id.code
        self.assertEqual(value("shipment_mapping_gaps", carrier=carrier), 2)
        self.assertEqual(value("shipment_mapping_gap_events", carrier=carrier), 6)
        self.assertEqual(value("shipment_bookings", state="unknown"), 1)
        self.assertEqual(value("shipment_bookings", state="requested"), 1)
        self.assertEqual(value("shipment_bookings", state="voiding"), 0)
        self.assertIsNone(value("shipment_bookings", state="booked"))

    def test_the_lock_of_the_queues_runner_is_seen(self):
        """Another session holds it, as the runner's own connection does."""
        name = "shipment_queue_runner"
        before = self.value(name)
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(2293787760715711918)")
        self.assertTrue(self.env.cr.fetchone()[0] or before)
        self.assertEqual(self.value(name), 1)
        self.env.cr.execute("SELECT pg_advisory_xact_lock(2293787760715711919)")
        self.assertEqual(self.value(name), 1)

    def test_a_scrape_takes_the_same_few_statements_however_much_there_is(self):
        metrics = self.env["shipment.metric"]
        self.env.flush_all()
        metrics._render()
        before = self.env.cr.sql_log_count
        metrics._render()
        few = self.env.cr.sql_log_count - before
        self.assertLessEqual(few, 13)
        for number in range(30):
            self.store(self.message("delivered", number=f"X{number}"))
            account = self.account.copy({"name": f"Account {number}"})
            self.keep({("carrier_call", (("account", account.id),)): 1})
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        metrics._render()
        self.assertEqual(self.env.cr.sql_log_count - before, few)

    def test_only_system_administrators_read_the_sums(self):
        self.keep({("received", ()): 1})
        manager = new_test_user(
            self.env,
            "metrics-manager",
            groups="base.group_user,shipment_visibility.shipment_group_manager",
        )
        with self.assertRaises(AccessError):
            self.env["shipment.metric"].with_user(manager).search([]).read()
        with self.assertRaises(AccessError):
            self.env["ir.config_parameter"].with_user(manager).get_param(TOKEN_KEY)
        admin = self.env.ref("base.user_admin")
        metric = self.env["shipment.metric"].with_user(admin).search([])
        self.assertEqual(metric.value, 1)
        with self.assertRaises(AccessError):
            metric.value = 0

    def test_the_token_is_made_once_and_made_again_when_it_was_removed(self):
        parameters = self.env["ir.config_parameter"]
        token = parameters.get_param(TOKEN_KEY)
        self.assertGreaterEqual(len(token), 40)
        self.env["shipment.metric"]._ensure_token()
        self.assertEqual(parameters.get_param(TOKEN_KEY), token)
        parameters.set_param(TOKEN_KEY, False)
        self.env["shipment.metric"]._ensure_token()
        self.assertNotIn(parameters.get_param(TOKEN_KEY), ("", False, token))

    def test_a_neutralized_copy_has_no_token(self):
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertFalse(self.env["ir.config_parameter"].get_param(TOKEN_KEY))

    def test_the_dashboard_shows_only_what_is_told(self):
        dashboard = json.loads(DASHBOARD.read_text())
        queries = [
            target["expr"]
            for panel in dashboard["panels"]
            for target in panel.get("targets", [])
        ]
        self.assertGreater(len(queries), 10)
        used = set(re.findall(r"\bshipment_[a-z_]+", "\n".join(queries)))
        self.assertFalse(used - exported_names())

    def test_the_alarms_of_the_guide_use_only_what_is_told(self):
        guide = DASHBOARD.with_name("operations.md").read_text()
        alarms = re.findall(r"```promql\n(.*?)```", guide, re.DOTALL)
        self.assertTrue(alarms)
        used = set(re.findall(r"\bshipment_[a-z_]+", "\n".join(alarms)))
        self.assertGreater(len(used), 5)
        self.assertFalse(used - exported_names())


@tagged("post_install", "-at_install")
class TestMetricsRoute(MetricsCommon, HttpCase):
    """The route that Prometheus asks."""

    def scrape(self, authorization=None):
        """Ask with what is shown."""
        headers = {"Authorization": authorization} if authorization else {}
        return self.url_open(PATH, headers=headers)

    def test_the_token_is_needed(self):
        token = self.env["ir.config_parameter"].get_param(TOKEN_KEY)
        for shown in (
            None,
            "Bearer",
            "Bearer ",
            f"Bearer {token[:-1]}",
            f"Bearer {token}x",
            f"Basic {token}",
            token,
            "Bearer é",
        ):
            shown = shown and shown.encode("latin-1")
            response = self.scrape(shown)
            self.assertEqual(response.status_code, 401, shown)
            self.assertNotIn("shipment_", response.text)
        response = self.scrape(f"Bearer {token}")
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.headers["Content-Type"].startswith("text/plain"))
        self.assertIsNotNone(self.value("shipment_webhook_backlog", response.text))

    def test_without_a_token_nobody_is_let_in(self):
        self.env["ir.config_parameter"].set_param(TOKEN_KEY, False)
        for shown in (None, "Bearer ", "Bearer False", "Bearer None"):
            self.assertEqual(self.scrape(shown).status_code, 401)

    def test_a_new_token_replaces_the_old_one(self):
        parameters = self.env["ir.config_parameter"]
        old = parameters.get_param(TOKEN_KEY)
        parameters.set_param(TOKEN_KEY, "another-token")
        self.assertEqual(self.scrape(f"Bearer {old}").status_code, 401)
        self.assertEqual(self.scrape("Bearer another-token").status_code, 200)

    def test_an_administrator_rotates_the_token_in_the_settings(self):
        old = self.env["ir.config_parameter"].get_param(TOKEN_KEY)
        admin = self.env.ref("base.user_admin")
        settings = self.env["res.config.settings"].with_user(admin).create({})
        self.assertEqual(settings.shipment_metrics_token, old)
        self.assertTrue(settings.shipment_metrics_url.endswith(PATH))
        settings.action_rotate_shipment_metrics_token()
        new = self.env["ir.config_parameter"].get_param(TOKEN_KEY)
        self.assertEqual(self.scrape(f"Bearer {old}").status_code, 401)
        self.assertEqual(self.scrape(f"Bearer {new}").status_code, 200)
        settings.execute()
        self.assertEqual(self.env["ir.config_parameter"].get_param(TOKEN_KEY), new)

    def test_nobody_else_rotates_the_token(self):
        manager = new_test_user(
            self.env,
            "token-manager",
            groups="base.group_user,shipment_visibility.shipment_group_manager",
        )
        settings = self.env["res.config.settings"].sudo().create({})
        with self.assertRaises(AccessError):
            settings.with_user(manager).action_rotate_shipment_metrics_token()

    def test_a_scrape_neither_shows_nor_logs_secrets(self):
        self.store(self.message("delivered"))
        token = self.env["ir.config_parameter"].get_param(TOKEN_KEY)
        with self.assertLogs("odoo") as logs:
            text = self.scrape(f"Bearer {token}").text
        for hidden in (token, self.endpoint.token, self.endpoint.secret, self.number):
            self.assertNotIn(hidden, text)
            self.assertNotIn(hidden, "\n".join(logs.output))

    def test_the_time_of_a_message_is_counted_with_its_commit(self):
        body = self.message("delivered")
        path = f"{ShipmentWebhook._webhook_url}/{self.endpoint.token}"
        with self.committing():
            response = self.url_open(path, data=body, headers=self.signed(body))
        self.assertEqual(response.status_code, 200)
        counted = counters.take_all()
        self.assertEqual(list(counted), [self.env.cr.dbname])
        self.keep(counted[self.env.cr.dbname])
        name = "shipment_webhook_request_seconds"
        self.assertEqual(self.value(f"{name}_count"), 1)
        self.assertGreater(self.value(f"{name}_sum"), 0)
