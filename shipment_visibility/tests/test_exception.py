from datetime import UTC, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..canonical.milestone import Code
from ..canonical.schema import Source, TrackingEvent
from .common import NOON, ShipmentCase


@tagged("post_install", "-at_install")
class TestException(ShipmentCase):
    def test_held_at_customs_finds_an_owner_and_a_deadline(self):
        shipment = self.make_shipment("H1")
        self.ingest(
            self.event("H1", Code.PICKED_UP), self.event("H1", Code.CUSTOMS_HELD, 60)
        )
        self.carry_out()
        exception = shipment.exception_ids
        self.assertEqual((exception.code, exception.state), ("customs_held", "open"))
        self.assertTrue(exception.user_id)
        self.assertTrue(exception.deadline)
        self.assertEqual(shipment.open_exception_count, 1)
        self.assertEqual(shipment.headline, "picked_up")
        activity = shipment.activity_ids
        self.assertEqual(activity.user_id, exception.user_id)
        self.assertIn("Held at customs", activity.summary)

    def test_what_another_job_announces_is_left_to_it(self):
        shipment = self.make_shipment("H9")
        self.ingest(self.event("H9", Code.CUSTOMS_HELD))
        exceptions = self.env.registry["shipment.exception"]
        with patch.object(
            # What the database answers when another transaction has them.
            exceptions,
            "try_lock_for_update",
            lambda records, **_: records.browse(),
        ):
            self.carry_out()
        self.assertFalse(shipment.activity_ids)
        self.carry_out()
        self.assertEqual(len(shipment.activity_ids), 1)

    def test_it_says_what_the_carrier_said(self):
        told = self.make_shipment("H10")
        coded = self.make_shipment("H11")
        why = {"reason": "customs_documentation"}
        self.ingest(
            self.event("H10", Code.CUSTOMS_HELD, raw_text="Invoice missing", **why),
            self.event("H11", Code.CUSTOMS_HELD, **why),
        )
        self.assertEqual(told.exception_ids.reason, "Invoice missing")
        self.assertEqual(coded.exception_ids.reason, "Customs documentation")

    def test_it_closes_when_the_parcel_moves_on(self):
        shipment = self.make_shipment("H2")
        self.ingest(self.event("H2", Code.CUSTOMS_HELD))
        self.carry_out()
        self.ingest(self.event("H2", Code.CUSTOMS_CLEARED, 60))
        self.assertEqual(shipment.exception_ids.state, "resolved")
        self.assertEqual(shipment.open_exception_count, 0)
        self.assertFalse(shipment.activity_ids)

    def test_the_order_of_arrival_makes_no_difference(self):
        self.make_shipment("H3")
        other = self.make_shipment("H4")
        held = [self.event(n, Code.CUSTOMS_HELD) for n in ("H3", "H4")]
        cleared = [self.event(n, Code.CUSTOMS_CLEARED, 60) for n in ("H3", "H4")]
        self.ingest(held[0])
        self.ingest(cleared[0])
        self.ingest(cleared[1])
        self.ingest(held[1])
        self.assertEqual(other.exception_ids.state, "resolved")
        self.assertEqual(len(other.exception_ids), 1)

    def test_a_deadline_counts_the_hours_in_which_somebody_works(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "8 to 17",
                "tz": "UTC",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": str(day),
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 17,
                        }
                    )
                    for day in range(5)
                ],
            }
        )
        self.company.resource_calendar_id = calendar
        customs = self.env["shipment.exception.type"]._get("customs_hold")
        customs.response_hours = 4
        friday = datetime(2026, 5, 8, 17, 0)
        shipment = self.make_shipment("H6")
        with freeze_time(friday), patch.object(self.env.cr, "now", lambda: friday):
            self.ingest(
                TrackingEvent(
                    carrier=self.carrier.code,
                    tracking_number="H6",
                    code=Code.CUSTOMS_HELD,
                    occurred_at=friday.replace(tzinfo=UTC),
                )
            )
            self.carry_out()
        self.assertEqual(shipment.exception_ids.deadline, datetime(2026, 5, 11, 12, 0))

    def test_what_nobody_handles_is_put_to_somebody_else(self):
        shipment = self.make_shipment("H7")
        self.ingest(self.event("H7", Code.CUSTOMS_HELD))
        self.carry_out()
        exception = shipment.exception_ids
        boss = new_test_user(self.env, "boss", groups="stock.group_stock_manager")
        exception.type_id.write(
            {"escalate_role": "person", "escalate_user_id": boss.id}
        )
        self.assertFalse(self.env["shipment.exception"]._escalate(10))
        exception.escalation_at = NOON.replace(tzinfo=None)
        self.assertEqual(self.env["shipment.exception"]._escalate(10), 1)
        self.assertIn(boss, shipment.activity_ids.user_id)
        self.assertEqual(exception.severity, "2")
        self.assertFalse(self.env["shipment.exception"]._escalate(10), "only once")

    def test_the_owner_is_whoever_has_the_role(self):
        seller = new_test_user(
            self.env, "seller", groups="sales_team.group_sale_salesman"
        )
        order = self.make_order(user_id=seller.id)
        self.validate(order.picking_ids)
        order.picking_ids.carrier_tracking_ref = "H8"
        self.ingest(self.event("H8", Code.ATTEMPT_FAILED, reason="consignee_refused"))
        self.carry_out()
        exception = order.picking_ids.shipment_ids.exception_ids
        self.assertEqual(exception.type_id.code, "refused")
        self.assertEqual(exception.user_id, seller)

    def test_many_are_told_to_their_owners_once_each(self):
        seller, other = (
            new_test_user(self.env, login, groups="sales_team.group_sale_salesman")
            for login in ("seller", "other")
        )
        owners = {"H12": seller, "H13": other, "H14": seller}
        for number, user in owners.items():
            order = self.make_order(user_id=user.id)
            self.validate(order.picking_ids)
            order.picking_ids.carrier_tracking_ref = number
        self.ingest(
            *(
                self.event(number, Code.ATTEMPT_FAILED, reason="consignee_refused")
                for number in owners
            )
        )
        # As in life, where who is responsible is tracked and told.
        with patch.object(type(self), "env", self.env(context={})):
            self.carry_out()
        told = self.env["mail.message"].search(
            [("notified_partner_ids", "in", (seller | other).partner_id.ids)]
        )
        for user, count in ((seller, 2), (other, 1)):
            theirs = told.filtered(
                lambda m, u=user: u.partner_id in m.notified_partner_ids
            )
            self.assertEqual(len(theirs), count)
            activities = self.env["mail.activity"].search([("user_id", "=", user.id)])
            self.assertEqual(len(activities), count)

    def test_what_was_not_resolved_after_all_is_opened_again(self):
        shipment = self.make_shipment("H9")
        self.ingest(self.event("H9", Code.DAMAGED))
        self.carry_out()
        self.resolve(shipment.exception_ids)
        shipment.exception_ids.action_reopen()
        self.carry_out()
        self.assertEqual(shipment.open_exception_count, 1)
        self.assertEqual(len(shipment.activity_ids), 1)
        with self.assertRaises(UserError):
            shipment.exception_ids.action_reopen()

    def test_a_person_resolves_it(self):
        shipment = self.make_shipment("H5")
        self.ingest(self.event("H5", Code.DAMAGED))
        self.carry_out()
        self.resolve(shipment.exception_ids)
        self.assertEqual(shipment.open_exception_count, 0)
        self.assertFalse(shipment.activity_ids)
        # What the carrier repeats does not open it again.
        self.ingest(self.event("H5", Code.DAMAGED), source=Source.POLL)
        self.assertEqual(shipment.exception_ids.state, "resolved")
