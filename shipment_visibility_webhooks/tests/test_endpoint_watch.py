from datetime import timedelta

from odoo.tests import TransactionCase, tagged

from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestEndpointWatch(WebhookCommon, TransactionCase):
    """A carrier that should have reported, and has not."""

    def setUp(self):
        super().setUp()
        self.endpoint.expected_within_hours = 6
        self.age(self.endpoint, hours=100)
        self.age(self.shipment, hours=24)

    def watch(self):
        """Run the cron; return the activities there are."""
        self.endpoint._cron_watch_silence()
        return self.endpoint.activity_ids

    def test_silence_is_told_to_the_responsible_once(self):
        activity = self.watch()
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.endpoint.user_id)
        self.assertIn("6 hours", activity.note)
        self.assertEqual(self.watch(), activity)

    def test_one_who_has_done_the_activity_is_not_told_again(self):
        self.watch().action_feedback()
        self.assertFalse(self.watch())

    def test_the_next_message_ends_it(self):
        self.watch()
        self.endpoint.silence_told_at -= timedelta(minutes=1)
        self.store(self.message("picked_up"))
        self.assertFalse(self.watch())
        self.assertFalse(self.endpoint.silence_told_at)

    def test_a_new_silence_is_told_anew(self):
        self.watch()
        self.endpoint.silence_told_at -= timedelta(hours=30)
        self.age(self.store(self.message("picked_up")), hours=20)
        self.assertFalse(self.watch())
        self.assertEqual(len(self.watch()), 1)

    def test_a_carrier_that_reports_is_not_silent(self):
        self.age(self.store(self.message("picked_up")), hours=5)
        self.assertFalse(self.watch())

    def test_without_shipments_under_way_silence_is_what_one_expects(self):
        self.shipment.headline = "delivered"
        self.assertFalse(self.watch())

    def test_a_shipment_that_has_just_left_is_given_its_time(self):
        self.age(self.shipment, hours=5)
        self.assertFalse(self.watch())

    def test_shipments_of_other_companies_and_carriers_do_not_count(self):
        self.shipment.carrier_id = self.env["shipment.carrier"].create(
            {"name": "Another", "code": "another"}
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.age(self.new_shipment("SBX0000000000000002", elsewhere), hours=24)
        self.assertFalse(self.watch())

    def test_a_new_endpoint_is_given_its_time(self):
        self.age(self.endpoint, hours=5)
        self.assertFalse(self.watch())

    def test_nothing_is_expected_unless_somebody_says_so(self):
        self.assertFalse(self.endpoint.copy().silence_told_at)
        self.endpoint.expected_within_hours = 0
        self.assertFalse(self.watch())

    def test_who_expects_nothing_more_is_left_in_peace(self):
        self.watch()
        self.endpoint.expected_within_hours = 0
        self.assertFalse(self.watch())

    def test_many_endpoints_cost_no_more_queries_than_few(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.endpoint._cron_watch_silence()
            return self.env.cr.sql_log_count - before

        self.shipment.headline = "delivered"
        count()  # fills caches
        few = count()
        for number in range(10):
            self.age(self.endpoint.copy({"name": str(number)}), hours=100)
        count()
        self.assertLessEqual(count(), few)
