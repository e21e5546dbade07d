import datetime as dt
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import TrackingEvent

from ..adapters import base
from ..adapters.sandbox.adapter import SandboxAdapter
from ..models import shipment_poll
from .common import CarriersCommon

MANY = 4000
POLLER = shipment_poll.__name__


class PollCase(CarriersCommon):
    """A carrier that answers what the test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.account.carrier_id
        cls.now = fields.Datetime.now().replace(microsecond=0)

    def setUp(self):
        super().setUp()
        self.asked = []
        self.known = {}  # number -> what the carrier says of it: codes, or an error
        self.patch(SandboxAdapter, "track", self._track)

    def _track(self, numbers):
        self.asked.append(tuple(numbers))
        events = []
        for number in numbers:
            answer = self.known.get(number, ())
            if isinstance(answer, Exception):
                raise answer
            events += [self._event(number, code) for code in answer]
        return events

    def _event(self, number, code):
        return TrackingEvent(
            carrier="sandbox",
            tracking_number=number,
            event_id=f"{number}-{code}",
            raw_code=code.value,
            code=code,
            occurred_at=self.now.replace(tzinfo=dt.UTC) - timedelta(hours=1),
        )

    def _create_shipments(self, *numbers, due=True, **values):
        shipments = self.env["shipment.shipment"].create(
            [
                {
                    "company_id": self.company.id,
                    "carrier_id": self.carrier.id,
                    "account_id": self.account.id,
                    "package_ids": [Command.create({"tracking_number": number})],
                    **values,
                }
                for number in numbers
            ]
        )
        shipments._record_own(Code.INFO_RECEIVED, "Label created")
        if due:
            self._make_due(shipments)
        return shipments

    def _make_due(self, shipments, minutes=5):
        for position, shipment in enumerate(shipments):
            # Those that were created first have been due for longest.
            shipment.poll_at = self.now - timedelta(minutes=minutes, seconds=-position)
        self.env.flush_all()

    def _poll(self, account=None):
        self.env.flush_all()
        result = (account or self.account)._job_poll()
        self.env.invalidate_all()
        return result

    def _jobs(self):
        return self.env["queue.job"].search(
            [("identity_key", "=like", "shipment_poll:%"), ("state", "=", "pending")]
        )

    def _asked_numbers(self):
        return [number for numbers in self.asked for number in numbers]


@tagged("post_install", "-at_install")
class TestPoll(PollCase):
    """What a carrier is asked for, when, and what becomes of it."""

    # === WHEN === #

    def test_a_booked_shipment_is_asked_about_by_itself(self):
        picking = self._create_picking()
        picking.button_validate()
        shipment = picking.shipment_ids
        self.assertEqual(shipment.poll_account_id, self.account)
        self.assertGreater(shipment.poll_at, fields.Datetime.now())
        self._make_due(shipment)
        self.known[shipment.tracking_numbers] = [Code.PICKED_UP]
        self._poll()
        self.assertEqual(shipment.headline, "picked_up")
        self.assertEqual(
            shipment.milestone_ids.filtered(lambda m: m.source == "poll").code,
            "picked_up",
        )

    def test_what_is_not_due_is_not_asked_about(self):
        self._create_shipments("SBX1", due=False)
        self._poll()
        self.assertEqual(self.asked, [])

    def test_news_brings_the_next_question_closer_and_never_defers_it(self):
        shipment = self._create_shipments("SBX1", due=False)
        booked = shipment.poll_at
        self.known["SBX1"] = [Code.OUT_FOR_DELIVERY]
        self._make_due(shipment)
        self._poll()
        self.assertLess(shipment.poll_at, fields.Datetime.now() + timedelta(hours=1))
        self.assertLess(shipment.poll_at, booked)
        soon = shipment.poll_at
        shipment._record_manual(
            code="attempt_failed", occurred_at=fields.Datetime.now()
        )
        self.assertEqual(shipment.headline, "attempt_failed")
        self.assertEqual(shipment.poll_at, soon)

    def test_the_end_of_a_journey_ends_the_asking(self):
        shipment = self._create_shipments("SBX1")
        self.known["SBX1"] = [Code.DELIVERED]
        self._poll()
        self.assertFalse(shipment.poll_at)
        self.assertEqual(shipment.poll_stop, "final")

    def test_silence_ends_the_asking_and_news_begins_it_again(self):
        shipment = self._create_shipments("SBX1")
        shipment.last_event_at = self.now - timedelta(days=31)
        self._poll()
        self.assertEqual(self.asked, [])
        self.assertEqual((shipment.poll_at, shipment.poll_stop), (False, "silent"))
        shipment._record_manual(code="in_transit", occurred_at=fields.Datetime.now())
        self.assertTrue(shipment.poll_at)
        self.assertFalse(shipment.poll_stop)

    def test_without_a_number_there_is_nothing_to_ask(self):
        shipment = self._create_shipments(False, due=False)
        self.assertEqual(shipment.poll_stop, "numberless")
        shipment._give_numbers(["SBX1"])
        self.assertTrue(shipment.poll_at)
        self.assertFalse(shipment.poll_stop)

    def test_only_parcels_that_are_under_way_are_asked_about(self):
        shipment = self._create_shipments("SBX1", "SBX9")[0]
        shipment.package_ids = [
            Command.create({"tracking_number": number})
            for number in ("SBX2", "SBX3", "SBX4")
        ]
        shipment.package_ids[2].live = False
        shipment.package_ids[3]._supersede("SBX5")
        shipment.package_ids[1].headline = "delivered"
        self._make_due(shipment)
        self._poll()
        self.assertEqual(sorted(self._asked_numbers()), ["SBX1", "SBX5", "SBX9"])

    def test_an_account_whose_webhooks_arrive_is_asked_rarely(self):
        shipment = self._create_shipments("SBX1")
        self.patch(type(self.account), "_has_live_webhooks", lambda account: True)
        self._poll()
        self.assertEqual(self.asked, [])
        self.assertGreater(
            shipment.poll_at, fields.Datetime.now() + timedelta(hours=23)
        )
        shipment.last_event_at = self.now - timedelta(hours=25)
        self._make_due(shipment)
        self._poll()
        self.assertEqual(self._asked_numbers(), ["SBX1"])

    # === WHO === #

    def test_what_was_booked_elsewhere_is_asked_about_through_the_carriers_account(
        self,
    ):
        shipment = self._create_shipments("SBX1", due=False, account_id=False)
        self.assertEqual(shipment.poll_account_id, self.account)
        foreign = self.env["res.company"].create({"name": "Elsewhere"})
        other = self._create_shipments(
            "SBX2", due=False, account_id=False, company_id=foreign.id
        )
        self.assertFalse(other.poll_account_id)
        self.assertFalse(other.poll_at)

    def test_an_account_that_may_not_ask_asks_nothing(self):
        shipment = self._create_shipments("SBX1")
        self.account.poll = False
        self.assertFalse(shipment.poll_at)
        self.env["shipment.poll"]._cron_poll()
        self.assertFalse(self._jobs())
        self._poll()
        self.assertEqual(self.asked, [])
        self.account.poll = True
        self._poll()
        self.assertEqual(self._asked_numbers(), ["SBX1"])

    def test_a_new_account_asks_about_what_is_under_way_already(self):
        self.account.active = False
        shipments = self._create_shipments("SBX1", "SBX2", due=False, account_id=False)
        shipments[1]._record_manual(code="delivered", occurred_at=self.now)
        self.assertFalse(shipments[0].poll_at)
        account = self.account.copy({"active": True})
        self._poll(account)
        self.assertEqual(self._asked_numbers(), ["SBX1"])

    def test_one_job_an_account_that_has_something_to_ask(self):
        idle = self.account.copy()
        self._create_shipments("SBX1", "SBX2")
        for _again in range(2):
            self.env["shipment.poll"]._cron_poll()
        self.assertEqual(
            self._jobs().mapped("identity_key"), [f"shipment_poll:{self.account.id}"]
        )
        self.assertTrue(idle.poll)

    def test_a_company_gets_events_of_its_own_shipments_only(self):
        foreign = self.env["res.company"].create({"name": "Elsewhere"})
        other = self._create_shipments(
            "SBX2", due=False, account_id=False, company_id=foreign.id
        )
        self._create_shipments("SBX1")
        self.known["SBX1"] = [Code.PICKED_UP]
        self.patch(
            SandboxAdapter,
            "track",
            lambda *_: [self._event("SBX2", Code.DELIVERED)],
        )
        self._poll()
        self.assertEqual(other.headline, "info_received")

    # === HOW MANY === #

    def test_many_numbers_are_one_question(self):
        self._create_shipments(*(f"SBX{number}" for number in range(120)))
        self._poll()
        self.assertEqual(sorted(map(len, self.asked)), [20, 50, 50])
        self.assertEqual(len(set(self._asked_numbers())), 120)

    def test_a_run_asks_no_more_than_the_account_may_and_the_longest_due_first(self):
        shipments = self._create_shipments("SBX1", "SBX2", "SBX3")
        self.account.poll_numbers = 2
        self._poll()
        self.assertEqual(self._asked_numbers(), ["SBX1", "SBX2"])
        self._poll()
        self.assertEqual(self._asked_numbers(), ["SBX1", "SBX2", "SBX3"])
        self.assertTrue(all(shipments.mapped("polled_at")))

    def test_a_shipment_of_more_parcels_than_a_run_may_ask_is_not_forgotten(self):
        shipment = self._create_shipments("SBX1")
        shipment.package_ids = [Command.create({"tracking_number": "SBX2"})]
        self._make_due(shipment)
        self.account.poll_numbers = 1
        self._poll()
        self.assertEqual(sorted(self._asked_numbers()), ["SBX1", "SBX2"])

    def test_a_second_run_asks_nothing_again(self):
        shipment = self._create_shipments("SBX1")
        self.known["SBX1"] = [Code.PICKED_UP]
        self._poll()
        milestones = shipment.milestone_ids
        self._poll()
        self.assertEqual(len(self.asked), 1)
        self._make_due(shipment)
        self._poll()
        self.assertEqual(shipment.milestone_ids, milestones)

    def test_statements_do_not_grow_with_the_number_of_shipments(self):
        counts = []
        for run, size in enumerate((3, 40)):
            numbers = [f"SBX{run}-{number}" for number in range(size)]
            self._create_shipments(*numbers)
            for number in numbers:
                self.known[number] = [Code.PICKED_UP]
            before = self.env.cr.sql_log_count
            self._poll()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 10)

    # === TROUBLE === #

    def test_a_run_that_dies_loses_nothing(self):
        shipment = self._create_shipments("SBX1")

        def die(*_args):
            raise SystemExit

        self.patch(type(self.env["shipment.poll"]), "_ask", die)
        with self._raises(error=SystemExit):
            self._poll()
        self.env.invalidate_all()
        # Nobody else asks at the same time, and it is asked about soon.
        self.assertGreater(shipment.poll_at, fields.Datetime.now())
        self.assertLessEqual(
            shipment.poll_at, fields.Datetime.now() + shipment_poll.LEASE
        )

    def test_a_number_that_fails_holds_back_no_other(self):
        numbers = [f"SBX{number}" for number in range(8)]
        shipments = self._create_shipments(*numbers)
        self.known = dict.fromkeys(numbers, [Code.PICKED_UP])
        self.known["SBX5"] = base.Refused("This number is not ours.")
        self._poll()
        bad = shipments[5]
        self.assertEqual(set((shipments - bad).mapped("headline")), {"picked_up"})
        self.assertEqual(bad.poll_error, "This number is not ours.")
        self.assertGreater(bad.poll_at, fields.Datetime.now())
        self.known["SBX5"] = [Code.PICKED_UP]
        self._make_due(bad)
        self._poll()
        self.assertEqual((bad.headline, bad.poll_error), ("picked_up", False))

    def test_a_parser_that_stumbles_holds_back_no_other(self):
        shipments = self._create_shipments("SBX1", "SBX2")
        self.known = {"SBX1": KeyError("secret"), "SBX2": [Code.PICKED_UP]}
        with mute_logger(POLLER):
            self._poll()
        self.assertEqual(shipments[1].headline, "picked_up")
        self.assertNotIn("secret", shipments[0].poll_error)

    def test_an_event_that_cannot_be_recorded_holds_back_no_other(self):
        shipments = self._create_shipments("SBX1", "SBX2", "SBX3")
        self.known = dict.fromkeys(("SBX1", "SBX2", "SBX3"), [Code.PICKED_UP])
        model = type(self.env["shipment.shipment"])
        original = model._ingest

        def _ingest(records, events, **kwargs):
            if any(event.tracking_number == "SBX2" for event in events):
                raise ValueError("cannot take it")
            return original(records, events, **kwargs)

        self.patch(model, "_ingest", _ingest)
        with mute_logger(POLLER):
            self._poll()
        self.assertEqual(
            shipments.mapped("headline"), ["picked_up", "info_received", "picked_up"]
        )
        self.assertTrue(
            all(at > fields.Datetime.now() for at in shipments.mapped("poll_at"))
        )

    def test_a_carrier_that_asks_for_a_rest_gets_it(self):
        shipment = self._create_shipments("SBX1")
        due = shipment.poll_at
        self.known["SBX1"] = base.Unavailable("Later, please.", retry_after=1800)
        self._poll()
        self.assertEqual(shipment.poll_at, due)
        pause = self.account.poll_paused_until - fields.Datetime.now()
        self.assertAlmostEqual(pause.total_seconds(), 1800, delta=10)
        self.assertEqual(self.account.poll_problem, "Later, please.")
        self.env["shipment.poll"]._cron_poll()
        self.assertFalse(self._jobs())
        self.env.cr.execute(
            "UPDATE shipment_poll_pause SET until = until - interval '1 hour'"
        )
        self.env["shipment.poll"]._cron_poll()
        self.assertEqual(len(self._jobs()), 1)
        self.known["SBX1"] = [Code.PICKED_UP]
        self._poll()
        self.assertEqual(shipment.headline, "picked_up")
        self.assertFalse(self.account.poll_paused_until)

    def test_an_account_that_fails_holds_back_no_other(self):
        other = self.account.copy()
        self._create_shipments("SBX1")
        theirs = self._create_shipments("SBX2", account_id=other.id)
        self.known["SBX1"] = base.AuthFailed("The key is not accepted.")
        self.known["SBX2"] = [Code.PICKED_UP]
        self._poll()
        self._poll(other)
        self.assertEqual(theirs.headline, "picked_up")
        self.assertEqual(self.account.poll_problem, "The key is not accepted.")
        self.assertFalse(other.poll_problem)

    def test_new_credentials_end_the_pause(self):
        self._create_shipments("SBX1")
        self.known["SBX1"] = base.AuthFailed("The key is not accepted.")
        self._poll()
        self.assertTrue(self.account.poll_paused_until)
        self.account.credential_form = {"values": {"api_key": "another"}}
        self.account.invalidate_recordset()
        self.assertFalse(self.account.poll_paused_until)

    # === BY HAND === #

    def test_whoever_sees_a_shipment_can_ask_for_news_at_once(self):
        shipment = self._create_shipments("SBX1", due=False)
        self.known["SBX1"] = [Code.PICKED_UP]
        self.env.flush_all()
        seen = shipment.with_user(self.packer)
        self.assertTrue(seen.is_askable)
        answer = seen.action_ask_carrier()
        self.env.invalidate_all()
        self.assertEqual(answer["params"]["type"], "success")
        self.assertEqual(shipment.headline, "picked_up")
        self.assertTrue(shipment.polled_at)
        again = seen.action_ask_carrier()
        self.assertEqual(again["params"]["type"], "info")

    def test_who_does_not_see_a_shipment_cannot_ask_about_it(self):
        foreign = self.env["res.company"].create({"name": "Elsewhere"})
        shipment = self._create_shipments(
            "SBX1", due=False, company_id=foreign.id, account_id=False
        )
        with self.assertRaises(AccessError):
            shipment.with_user(self.packer).action_ask_carrier()

    def test_the_carriers_words_are_shown_to_whoever_asked(self):
        shipment = self._create_shipments("SBX1", due=False)
        self.env.flush_all()
        planned = shipment.poll_at
        self.known["SBX1"] = base.Unavailable("Later, please.", retry_after=1800)
        answer = shipment.action_ask_carrier()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertIn("Later, please.", answer["params"]["message"])
        self.env.invalidate_all()
        self.assertEqual(shipment.poll_at, planned)

    def test_it_is_said_when_there_is_nobody_to_ask(self):
        shipment = self._create_shipments(False, due=False)
        self.assertFalse(shipment.is_askable)
        answer = shipment.action_ask_carrier()
        self.assertEqual(answer["params"]["type"], "warning")
        self.assertEqual(self.asked, [])

    # === THE INDEX === #

    def test_what_is_due_is_found_by_its_index(self):
        self.env.cr.execute(
            """
            INSERT INTO shipment_shipment (
                name, active, company_id, direction, headline, phase, correlation_id,
                poll_account_id, poll_at
            )
            SELECT 'OLD' || n, true, %s, 'outbound', 'in_transit', 'line_haul', 'c' || n,
                   %s, now() AT TIME ZONE 'UTC' + n * interval '1 minute' - interval '1 hour'
              FROM generate_series(1, %s) AS n
            """,
            [self.company.id, self.account.id, MANY],
        )
        self.env.cr.execute("ANALYZE shipment_shipment")
        now = fields.Datetime.now()
        for statement, values in (
            (shipment_poll.CLAIM, [self.account.id, now, 50]),
            (shipment_poll.DUE_ACCOUNTS, {"now": now}),
        ):
            self.env.cr.execute(f"EXPLAIN {statement}", values)
            told = "\n".join(row[0] for row in self.env.cr.fetchall())
            self.assertIn("shipment_shipment_poll_idx", told)
            self.assertNotIn("Seq Scan on shipment_shipment", told)
