from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon

MODELS = "odoo.addons.shipment_visibility_carriers.models"


def next_weekday():
    """A day on which the sandbox's drivers work."""
    day = fields.Date.today() + timedelta(days=2)
    return day + timedelta(days=day.weekday() == 6)


@tagged("post_install", "-at_install")
class TestPickup(CarriersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.partner_id = cls.company.partner_id
        cls.company.partner_id.tz = "Europe/Amsterdam"

    def _ship(self, **values):
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, **values)
        picking.button_validate()
        return picking.shipment_ids

    def _draft(self, shipments, **values):
        """The pickup that a packer drafts from the list of shipments."""
        action = shipments.with_user(self.packer).action_request_pickup()
        pickup = self.env["shipment.pickup"].browse(action["res_id"])
        pickup.write({"date": next_weekday(), **values})
        # In life the form has been saved by a request of its own.
        self.env.flush_all()
        return pickup.with_user(self.packer)

    def _order(self, pickup):
        answer = pickup.action_request()
        pickup.invalidate_recordset()
        return answer

    def test_a_driver_is_ordered_for_the_selected_shipments(self):
        shipments = self._ship() | self._ship(packages=2)
        pickup = self._draft(shipments)
        self.assertEqual(pickup.account_id, self.account)
        self.assertEqual(pickup.warehouse_id, self.warehouse)
        self.assertEqual(pickup.partner_id, self.company.partner_id)
        self.assertEqual(pickup.parcel_count, 3)
        self.assertAlmostEqual(pickup.weight, 7.2)
        calls = self._count("pickup")
        self.assertIs(self._order(pickup), False, "nothing went wrong")
        self.assertEqual(pickup.state, "confirmed")
        self.assertRegex(pickup.confirmation, r"^PU\d{8}$")
        self.assertEqual((pickup.sudo().amount, pickup.currency_id.name), (3.5, "EUR"))
        ((request,),) = calls
        self.assertEqual(request.parcel_count, 3)
        self.assertEqual(request.service, "standard")
        self.assertEqual(request.zone, "Europe/Amsterdam")
        self.assertEqual(request.place.address.city, "Rotterdam")
        self.assertEqual(
            set(request.tracking_numbers),
            set(shipments.package_ids.mapped("tracking_number")),
        )
        self.assertEqual(len(request.remote_ids), 2)
        # 14:00 in Rotterdam is 12:00 or 13:00 in UTC, by season.
        self.assertIn(pickup.begins_at.hour, (12, 13))

    def test_a_second_click_orders_no_second_driver(self):
        pickup = self._draft(self._ship())
        calls = self._count("pickup")
        self._order(pickup)
        self._order(pickup)
        self.assertEqual(len(calls), 1)

    def test_another_click_while_the_carrier_thinks_is_told_who_is_at_it(self):
        pickup = self._draft(self._ship())
        pickup._request("elsewhere")
        calls = self._count("pickup")
        with self._raises(f"packer .* is handing {pickup.name} to"):
            self._order(pickup)
        self.assertFalse(calls)

    def test_two_drivers_at_the_same_door_at_the_same_time_are_one_too_many(self):
        first, second = self._draft(self._ship()), self._draft(self._ship())
        self.assertNotEqual(first, second)
        self._order(first)
        second.invalidate_recordset()
        self.assertEqual(second.other_ids, first, "the form says who comes anyway")
        calls = self._count("pickup")
        with self._raises(f"driver of {first.name} comes"):
            self._order(second)
        self.assertFalse(calls)
        second.write({"ready_hour": 17.5, "close_hour": 19})
        self.env.flush_all()
        self._order(second)
        self.assertEqual(second.state, "confirmed")

    def test_a_shipment_is_fetched_once(self):
        shipment = self._ship()
        pickup = self._draft(shipment)
        self.assertEqual(self._draft(shipment), pickup, "the draft goes on")
        self._order(pickup)
        shipment.invalidate_recordset()
        with self.assertRaisesRegex(UserError, f"{pickup.name} comes already"):
            shipment.with_user(self.packer).action_request_pickup()

    def test_what_no_driver_takes_along_is_told_and_the_rest_is_drafted(self):
        fetched, voided = self._ship(), self._ship()
        voided.action_void()
        told = (fetched | voided).with_user(self.packer).action_request_pickup()
        self.assertIn(f"{voided.name}: cancelled", told["params"]["message"])
        pickup = self.env["shipment.pickup"].browse(told["params"]["next"]["res_id"])
        self.assertEqual(pickup.shipment_ids, fetched)

    def test_one_pickup_for_each_account(self):
        other = self.account.copy({"name": "Sandbox 2"})
        method = self._create_method("express", shipment_account_id=other.id)
        shipments = self._ship() | self._ship(method=method)
        action = shipments.with_user(self.packer).action_request_pickup()
        pickups = self.env["shipment.pickup"].search(action["domain"])
        self.assertEqual(pickups.account_id, self.account | other)
        with self.assertRaisesRegex(ValidationError, "not booked by the account"):
            pickups[0].shipment_ids = shipments

    def test_all_that_is_wrong_is_told_at_once(self):
        pickup = self._draft(self._ship(), date="2020-01-02", parcel_count=0)
        self.company.partner_id.street = False
        calls = self._count("pickup")
        with self._raises("street(.|\n)*no parcels(.|\n)*day of the pickup is over"):
            self._order(pickup)
        self.assertFalse(calls)
        self.assertEqual(pickup.state, "draft")

    def test_a_refusal_is_shown_and_can_be_mended(self):
        pickup = self._draft(self._ship(), instructions="SANDBOX-PICKUP-REFUSE")
        told = self._order(pickup)
        self.assertIn("do not deliver to this address", told["params"]["message"])
        self.assertEqual(pickup.state, "refused")
        refused_key = pickup.key
        pickup.instructions = "Ring at gate 3"
        self.env.flush_all()
        self._order(pickup)
        self.assertEqual(pickup.state, "confirmed")
        self.assertFalse(pickup.error)
        self.assertNotEqual(pickup.key, refused_key, "the carrier knows keys by heart")

    def test_an_unknown_outcome_waits_for_a_person(self):
        pickup = self._draft(self._ship(), instructions="SANDBOX-PICKUP-TIMEOUT")
        told = self._order(pickup)
        self.assertIn("did not answer in time", told["params"]["message"])
        self.assertEqual(pickup.state, "unknown")
        calls = self._count("pickup")
        with self._raises("not known whether the carrier has accepted"):
            self._order(pickup)
        self.assertFalse(calls)
        # The hotline says that the driver comes.
        pickup.confirmation = "HOT-LINE-7"
        self.env.flush_all()
        pickup.action_accepted()
        pickup.invalidate_recordset()
        self.assertEqual(
            (pickup.state, pickup.confirmation), ("confirmed", "HOT-LINE-7")
        )

    def test_what_the_carrier_never_heard_of_can_be_ordered_again(self):
        pickup = self._draft(self._ship(), instructions="SANDBOX-PICKUP-GARBAGE")
        self._order(pickup)
        self.assertEqual(pickup.state, "unknown")
        pickup.action_not_accepted()
        pickup.invalidate_recordset()
        self.assertEqual(pickup.state, "refused")
        self.assertIn(self.packer.name, pickup.error)
        with self._raises("not unknown any more"):
            pickup.action_accepted()
        pickup.instructions = False
        self.env.flush_all()
        self._order(pickup)
        self.assertEqual(pickup.state, "confirmed")

    def test_an_error_of_ours_after_the_request_leaves_it_unknown(self):
        pickup = self._draft(self._ship())

        def broken(*_args):
            raise ZeroDivisionError

        self.patch(SandboxAdapter, "pickup", broken)
        with self.assertLogs(f"{MODELS}.shipment_handover_mixin", "ERROR"):
            self._order(pickup)
        self.assertEqual(pickup.state, "unknown")

    def test_a_server_that_stopped_leaves_it_unknown(self):
        pickup = self._draft(self._ship())
        pickup._request("a server that stops")
        self.env["shipment.booking.desk"]._cron_tidy()
        pickup.invalidate_recordset()
        self.assertEqual(pickup.state, "requested", "it may still be at work")
        pickup.sudo().asked_at = fields.Datetime.now() - timedelta(minutes=4)
        self.env.flush_all()
        self.env["shipment.booking.desk"]._cron_tidy()
        pickup.invalidate_recordset()
        self.assertEqual(pickup.state, "unknown")

    def test_a_driver_is_called_off(self):
        shipment = self._ship()
        pickup = self._draft(shipment)
        self._order(pickup)
        calls = self._count("cancel_pickup")
        pickup.action_cancel()
        pickup.invalidate_recordset()
        self.assertEqual(calls, [(pickup.remote_id,)])
        self.assertEqual(pickup.state, "cancelled")
        again = self._draft(shipment)
        self.assertNotEqual(again, pickup)
        self._order(again)
        self.assertEqual(again.state, "confirmed")

    def test_it_is_too_late_to_call_off(self):
        pickup = self._draft(self._ship())
        self._order(pickup)
        self.account.credentials = {"api_key": "SANDBOX-CANCEL-REFUSE"}
        self.env.flush_all()
        with self._raises("was not cancelled: We do not deliver"):
            pickup.action_cancel()
        pickup.invalidate_recordset()
        self.assertEqual(pickup.state, "confirmed")

    def test_a_carrier_that_sends_no_drivers_says_so(self):
        pickup = self._draft(self._ship())
        self.patch(SandboxAdapter, "offers", lambda *_args: False)
        with self._raises("Sandbox Carrier sends no driver on request"):
            self._order(pickup)
        with self.assertRaisesRegex(UserError, "sends no driver on request"):
            self._ship().with_user(self.packer).action_request_pickup()

    def test_what_the_carrier_has_is_not_changed_by_hand(self):
        pickup = self._draft(self._ship())
        with self.assertRaises(AccessError):
            pickup.state = "confirmed"
        self._order(pickup)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            pickup.parcel_count = 9
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            pickup.unlink()

    def test_who_may_order(self):
        pickup = self._draft(self._ship())
        mine = pickup.with_user(self.salesman)
        self.assertEqual(mine.state, "draft")
        for forbidden in (mine.action_request, mine.action_cancel):
            with self.assertRaises(AccessError):
                forbidden()
        with self.assertRaises(AccessError):
            pickup.shipment_ids.with_user(self.salesman).action_request_pickup()

    def test_a_foreign_company_sees_nothing(self):
        pickup = self._draft(self._ship())
        stranger = self.packer.copy({"login": "carriers_stranger"})
        foreign = self.env["res.company"].create({"name": "Elsewhere"})
        stranger.write(
            {
                "company_id": foreign.id,
                "company_ids": [Command.set(foreign.ids)],
            }
        )
        with self.assertRaises(AccessError):
            pickup.with_user(stranger).read(["state"])

    def test_the_driver_comes_before_the_place_closes(self):
        shipment = self._ship()
        with (
            self.assertRaisesRegex(CheckViolation, "hours"),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._draft(shipment, ready_hour=17, close_hour=17)
