import datetime as dt

from odoo import Command, fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.shipment_visibility.canonical.schema import Location, Source

from .outgoing_common import OutgoingCommon


@tagged("post_install", "-at_install")
class TestOutboxRecord(OutgoingCommon, TransactionCase):
    """What becomes a message."""

    def codes(self, subscription=None):
        return self.outbox(subscription).mapped("code")

    def test_a_milestone_makes_a_message_in_its_own_transaction(self):
        savepoint = self.env.cr.savepoint()
        self.ingest(self.event("picked_up"))
        self.assertEqual(self.codes(), ["picked_up"])
        self.assertTrue(self.sender_jobs())
        savepoint.rollback()
        self.assertFalse(self.outbox())

    def test_the_same_events_again_make_no_second_message(self):
        events = [self.event("picked_up", minutes=90), self.event("departed")]
        self.ingest(*events)
        self.ingest(*events)
        self.ingest(*reversed(events))
        self.assertEqual(self.codes(), ["picked_up", "departed"])

    def test_another_source_of_the_same_scan_makes_no_second_message(self):
        self.ingest(self.event("delivered", location=Location(city="Liège")))
        self.ingest(self.event("delivered", signer="Ann"), source=Source.POLL)
        self.assertEqual(self.codes(), ["delivered"])

    def test_another_time_of_the_same_delivery_makes_no_second_message(self):
        self.ingest(self.event("delivered", minutes=60))
        self.ingest(self.event("delivered", minutes=125), source=Source.POLL)
        self.ingest(self.event("delivered", minutes=5), source=Source.POLL)
        self.assertEqual(self.codes(), ["delivered"])

    def test_what_happens_again_is_told_again(self):
        self.ingest(
            self.event("out_for_delivery", minutes=90),
            self.event("attempt_failed", minutes=80),
        )
        self.ingest(self.event("out_for_delivery", minutes=30))
        self.assertEqual(
            self.codes(), ["out_for_delivery", "attempt_failed", "out_for_delivery"]
        )

    def test_late_news_of_the_past_is_told_once(self):
        self.ingest(self.event("arrived", minutes=30))
        self.ingest(
            self.event("arrived", minutes=90), self.event("departed", minutes=60)
        )
        outbox = self.outbox()
        self.assertEqual(outbox.mapped("code"), ["arrived", "arrived", "departed"])
        self.assertEqual(len(set(outbox.mapped("occurred_at"))), 3)

    def test_delivered_means_all_parcels(self):
        shipment = self.new_shipment("SBX0000000000000020")
        shipment.package_ids = [
            Command.create({"tracking_number": "SBX0000000000000021"})
        ]
        self.ingest(self.event("delivered", "SBX0000000000000020", minutes=60))
        self.assertNotIn("delivered", self.codes())
        self.ingest(self.event("delivered", "SBX0000000000000021", minutes=30))
        [message] = self.outbox().filtered(lambda m: m.code == "delivered")
        self.assertEqual(message.data["tracking_number"], "SBX0000000000000021")
        self.assertEqual(len(message.data["tracking_numbers"]), 2)

    def test_what_is_unknown_or_for_nobody_is_not_told(self):
        self.subscription.include_internal = True
        self.ingest(
            self.event("unknown", minutes=90),
            self.event("pickup_failed", minutes=80),
        )
        self.assertFalse(self.outbox())

    def test_internal_events_are_for_those_who_ask(self):
        own = self.subscribe(self.receiver, include_internal=True)
        self.ingest(self.event("damaged"))
        self.assertFalse(self.outbox())
        self.assertEqual(self.codes(own), ["damaged"])

    def test_a_subscriber_hears_what_it_chose(self):
        delivered = self.env["shipment.subscription.event"].search(
            [("code", "=", "delivered")]
        )
        chosen = self.subscribe(self.receiver, event_ids=[Command.set(delivered.ids)])
        self.ingest(self.event("picked_up", minutes=90), self.event("delivered"))
        self.assertEqual(self.codes(chosen), ["delivered"])
        self.assertEqual(self.codes(), ["picked_up", "delivered"])

    def test_a_subscriber_hears_of_the_carriers_it_chose(self):
        other = self.env["shipment.carrier"].create({"code": "other", "name": "Other"})
        chosen = self.subscribe(self.receiver, carrier_ids=[Command.set(other.ids)])
        self.ingest(self.event("picked_up"))
        self.assertFalse(self.outbox(chosen))
        self.assertTrue(self.outbox())

    def test_a_subscriber_hears_of_its_own_company_only(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.subscribe(self.receiver, company_id=elsewhere.id, user_id=False)
        self.new_shipment("SBX0000000000000030", elsewhere)
        self.ingest(self.event("picked_up"))
        self.ingest(self.event("departed", "SBX0000000000000030"), company=elsewhere)
        self.assertEqual(self.codes(), ["picked_up"])
        self.assertEqual(self.codes(foreign), ["departed"])

    def test_what_happened_before_the_subscription_is_not_told(self):
        late = self.subscribe(
            self.receiver,
            listens_since=fields.Datetime.now() - dt.timedelta(minutes=45),
        )
        self.ingest(self.event("picked_up", minutes=60))
        self.ingest(self.event("departed", minutes=30))
        self.assertEqual(self.codes(late), ["departed"])

    def test_what_is_long_past_is_not_told(self):
        self.subscription.write({"max_age_days": 1})
        self.subscription.listens_since = fields.Datetime.now() - dt.timedelta(days=90)
        self.ingest(self.event("picked_up", minutes=60 * 49), self.event("departed"))
        self.assertEqual(self.codes(), ["departed"])

    def test_nothing_is_written_for_who_does_not_listen(self):
        silent = self.env["shipment.subscription"].create(
            {"name": "No secret yet", "url": "https://hooks.example.com/"}
        )
        archived = self.subscribe(self.receiver, active=False)
        disabled = self.subscribe(self.receiver)
        disabled._disable("Gone")
        self.ingest(self.event("picked_up"))
        for subscription in (silent, archived, disabled):
            self.assertFalse(self.outbox(subscription))

    def test_what_happened_while_it_was_archived_is_never_told(self):
        self.subscription.active = False
        self.ingest(self.event("picked_up"))
        self.subscription.active = True
        self.ingest(self.event("departed", minutes=-1))
        self.assertEqual(self.codes(), ["departed"])

    def test_an_event_that_waited_for_its_number_is_told_when_it_is_matched(self):
        self.ingest(self.event("picked_up", "SBX0000000000000040"))
        self.assertFalse(self.outbox())
        shipment = self.new_shipment("SBX0000000000000040")
        shipment._match_parked()
        self.assertEqual(self.codes(), ["picked_up"])

    def test_without_subscriptions_recording_asks_the_database_nothing(self):
        self.subscription.active = False
        self.env["shipment.subscription"]._wishes()
        self.ingest(self.event("picked_up"))
        timelines = self.shipment._timelines()
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.env["shipment.outbox"]._record(self.shipment, timelines)

    def test_more_shipments_take_no_more_statements(self):
        shipments = self.env["shipment.shipment"]
        for index in range(10):
            shipments |= self.new_shipment(f"SBX00000000000001{index:02}")
        self.subscription.active = False
        self.ingest(
            *(self.event("picked_up", f"SBX00000000000001{i:02}") for i in range(10))
        )
        self.subscription.write(
            {"active": True, "listens_since": self.now.replace(tzinfo=None, year=2020)}
        )
        self.env["shipment.subscription"]._wishes()
        counts = []
        for some in (shipments[:1], shipments[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            timelines = some._timelines()
            before = self.env.cr.sql_log_count
            self.env["shipment.outbox"]._record(some, timelines)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertEqual(len(self.outbox()), 10)

    def test_a_message_tells_the_shipment_and_nothing_of_a_person(self):
        self.shipment.write(
            {
                "partner_id": self.env["res.partner"].create({"name": "Ann Secret"}).id,
                "promised_at": "2026-03-05 16:00:00",
            }
        )
        self.ingest(
            self.event(
                "delivered",
                location=Location(city="Liège", country="BE"),
                signer="Ann Secret",
                raw_text="Left with Ann Secret",
            )
        )
        data = self.outbox().data
        self.assertEqual(
            data,
            {
                "shipment": self.shipment.name,
                "direction": "outbound",
                "tracking_number": self.number,
                "tracking_numbers": [self.number],
                "carrier": self.account.carrier_id.code,
                "code": "delivered",
                "milestone": "Delivered",
                "occurred_at": (self.now - dt.timedelta(hours=1)).isoformat(),
                "precision": "second",
                "zone": "known",
                "place": "Liège, BE",
                "headline": "delivered",
                "deliveries": [],
                "orders": [],
                "promised_at": "2026-03-05T16:00:00+00:00",
            },
        )
        self.assertNotIn("Ann", str(data))

    def test_every_code_that_may_be_told_can_be_chosen(self):
        Event = self.env["shipment.subscription.event"]
        codes = {*Event._codes_for("customer"), *Event._codes_for("internal")}
        self.assertEqual(set(Event.search([]).mapped("code")), codes)
        internal = Event.search([("internal", "=", True)])
        self.assertEqual(set(internal.mapped("code")), {"damaged", "lost"})
        self.assertEqual(
            Event.search([]) - internal, Event.search([("internal", "=", False)])
        )
