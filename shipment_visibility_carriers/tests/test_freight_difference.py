import datetime as dt
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..models import shipment_freight_reconciliation as reconciliation
from .freight_common import BILLED_ON, FreightCase

NOW = dt.datetime(2026, 3, 20, 12)


@tagged("post_install", "-at_install")
class TestFreightDifference(FreightCase):
    """What does not add up stands on a list, once, as long as it does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze(NOW))
        cls.policy.write({"bill_days": 10, "deliver_days": 10})

    def setUp(self):
        super().setUp()
        # The carrier's invoices are known of, since the second of March.
        self.store(self.line(self.head("INV-0"), "", "1.00"))

    def ship(self, number, days=15, delivered=None, **values):
        """A shipment that the carrier has taken some days ago."""
        return self.make_shipment(
            number,
            {"freight": 8.0},
            picked_up_at=NOW - dt.timedelta(days=days),
            last_event_at=NOW - dt.timedelta(days=days),
            **{
                "headline": "in_transit" if delivered is None else "delivered",
                "phase": "line_haul" if delivered is None else "outcome",
                "delivered_at": delivered is not None
                and NOW - dt.timedelta(days=delivered),
                **values,
            },
        )

    def reconcile(self, *shipments):
        """Reconcile; return ``[(number, reason, amount)]`` of what is to be looked at."""
        model = self.env["shipment.freight.difference"]
        ids = [shipment.id for shipment in shipments] or self.env[
            "shipment.shipment"
        ].search([("carrier_id", "=", self.carrier.id)]).ids
        model._job_reconcile(min(ids, default=0), max(ids, default=0))
        model._job_reconcile_unknown()
        return self.open()

    def open(self):
        return sorted(
            (one.tracking_number, one.reason, one.amount)
            for one in self.all().filtered(lambda one: one.state == "open")
        )

    def all(self):
        return self.env["shipment.freight.difference"].search(
            [("carrier_id", "=", self.carrier.id)]
        )

    def test_what_was_shipped_and_never_billed_is_found_and_settles_itself(self):
        self.ship("PP1")
        self.ship("PP2", days=9)
        self.assertEqual(self.reconcile(), [("PP1", "not_billed", 8.0)])
        self.store(self.line(self.head(), "PP1", "9.50"))
        self.env["shipment.shipment"].search(
            [("carrier_id", "=", self.carrier.id)]
        ).delivered_at = NOW
        self.assertEqual(self.reconcile(), [])
        settled = self.all()
        self.assertEqual((settled.state, len(settled)), ("settled", 1))
        self.assertTrue(settled.settled_at)

    def test_what_was_delivered_and_never_billed_is_found(self):
        self.ship("PP1", delivered=11)
        self.ship("PP2", delivered=9)
        self.assertEqual(self.reconcile(), [("PP1", "delivered_not_billed", 8.0)])

    def test_a_carrier_may_be_given_more_days(self):
        self.ship("PP1")
        self.env["shipment.freight.patience"].create(
            {
                "policy_id": self.policy.id,
                "carrier_id": self.carrier.id,
                "bill_days": 15,
            }
        )
        self.assertEqual(self.reconcile(), [])
        self.policy.patience_ids.bill_days = 14
        self.assertEqual(len(self.reconcile()), 1)

    def test_a_cancelled_label_that_is_billed_is_found_until_it_is_credited(self):
        self.ship("PP1", headline="cancelled")
        self.store(self.line(self.head(), "PP1", "9.50"))
        self.assertEqual(self.reconcile(), [("PP1", "void_billed", 9.5)])
        credit = self.head("CN-1", kind="credit_note")
        self.store(self.line(credit, "PP1", "-9.50"))
        self.assertEqual(self.reconcile(), [])

    def test_what_is_billed_and_never_delivered_is_found(self):
        self.ship("PP1")
        self.ship("PP2", delivered=5)
        self.ship("PP3", days=5)
        for row, number in enumerate(("PP1", "PP2", "PP3")):
            self.store(self.line(self.head(), number, "9.50", row=row))
        self.assertEqual(self.reconcile(), [("PP1", "not_delivered", 9.5)])

    def test_freight_on_two_invoices_is_found_and_what_else_is_billed_is_not(self):
        self.ship("PP1", delivered=14)
        self.ship("PP2", delivered=14)
        self.store(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head("INV-2"), "PP1", "9.00"),
            self.line(self.head(), "PP2", "9.50", row=2),
            self.line(self.head("INV-2"), "PP2", "3.00", "address_correction", row=2),
        )
        self.assertEqual(self.reconcile(), [("PP1", "billed_twice", 9.0)])
        self.store(self.line(self.head("CN", kind="credit_note"), "PP1", "-9.00"))
        self.assertEqual(self.reconcile(), [])

    def test_two_parcels_of_a_shipment_may_be_billed_apart(self):
        shipment = self.ship("PP1", delivered=14)
        self.env["shipment.package"].create(
            {"shipment_id": shipment.id, "tracking_number": "PP2"}
        )
        self.store(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head("INV-2"), "PP2", "9.50"),
        )
        self.assertEqual(self.reconcile(), [])

    def test_what_came_back_and_is_billed_as_delivered_is_found(self):
        self.ship("PP1", headline="returned")
        self.store(self.line(self.head(), "PP1", "9.50", delivered_on=BILLED_ON))
        self.assertEqual(self.reconcile(), [("PP1", "returned_as_delivered", 9.5)])

    def test_a_parcel_that_nobody_knows_is_found_until_somebody_does(self):
        self.store(
            self.line(self.head(), "PP9", "9.50"),
            self.line(self.head(), "PP9", "1.50", "fuel", row=2),
        )
        self.assertEqual(self.reconcile(), [("PP9", "unknown", 11.0)])
        self.ship("PP9", delivered=1)
        self.env["shipment.carrier.invoice.line"]._cron_match()
        self.env.invalidate_all()
        self.assertEqual(self.reconcile(), [])
        self.assertEqual(self.all().state, "settled")

    def test_a_cancelled_invoice_is_none(self):
        self.ship("PP1")
        self.store(self.line(self.head(), "PP1", "9.50"))
        self.assertEqual(self.reconcile(), [("PP1", "not_delivered", 9.5)])
        invoice = self.env["shipment.carrier.invoice"].search([("name", "=", "INV-1")])
        invoice.state = "cancelled"
        self.assertEqual(self.reconcile(), [("PP1", "not_billed", 8.0)])

    def test_of_test_labels_and_freight_that_others_pay_no_invoice_is_expected(self):
        account = self.env["shipment.carrier.account"].create(
            {"name": "Test", "adapter": "sandbox", "environment": "test"}
        )
        self.ship("PP1", account_id=account.id)
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": self.env["stock.warehouse"]
                .search([("company_id", "=", self.company.id)], limit=1)
                .out_type_id.id,
                "shipment_freight_payer": "receiver",
            }
        )
        self.ship("PP2", picking_ids=[picking.id])
        self.assertEqual(self.reconcile(), [])
        picking.shipment_freight_payer = False
        self.assertEqual(len(self.reconcile()), 1)

    def test_of_a_carrier_that_sends_us_no_invoices_none_is_missed(self):
        other = self.carrier.copy({"name": "Others", "code": "others"})
        shipment = self.ship("PP1", carrier_id=other.id)
        self.reconcile(shipment)
        self.assertFalse(
            self.env["shipment.freight.difference"].search(
                [("shipment_id", "=", shipment.id)]
            )
        )

    # === THE LIST === #

    def test_a_second_night_adds_and_writes_nothing(self):
        self.ship("PP1")
        self.store(self.line(self.head(), "PP9", "9.50"))
        found = self.reconcile()
        before = self.all().mapped("write_date")
        with patch.object(
            reconciliation.fields.Datetime, "now", return_value=NOW + dt.timedelta(1)
        ):
            self.assertEqual(self.reconcile(), found)
        self.assertEqual(len(self.all()), 2)
        self.assertEqual(self.all().mapped("write_date"), before)

    def test_what_is_set_aside_stays_aside_and_settles_itself(self):
        self.ship("PP1", headline="cancelled")
        self.store(self.line(self.head(), "PP1", "9.50"))
        self.reconcile()
        difference = self.all().with_user(self.clerk)
        action = difference.action_set_aside()
        self.env[action["res_model"]].with_user(self.clerk).with_context(
            **action["context"]
        ).create({"note": "Agreed by phone"}).action_set_aside()
        self.assertEqual(self.reconcile(), [])
        self.assertEqual(
            (difference.state, difference.note, difference.user_id),
            ("aside", "Agreed by phone", self.clerk),
        )
        with self.assertRaises(UserError):
            difference._set_aside("again")
        self.store(self.line(self.head("CN", kind="credit_note"), "PP1", "-9.50"))
        self.reconcile()
        self.assertEqual(difference.state, "settled")
        # The same again is the same: nobody has to say it twice.
        self.store(self.line(self.head("INV-2"), "PP1", "2.00", "fuel"))
        self.assertEqual(self.reconcile(), [])
        self.assertEqual((difference.state, difference.amount), ("aside", 2.0))
        difference.action_take_up()
        self.assertEqual(self.reconcile(), [("PP1", "void_billed", 2.0)])

    def test_a_range_settles_only_what_it_has_looked_at(self):
        first = self.ship("PP1")
        second = self.ship("PP2")
        self.reconcile()
        (first | second).write({"delivered_at": NOW})
        self.assertEqual(self.reconcile(second), [("PP1", "not_billed", 8.0)])

    # === WHEN === #

    def test_the_night_looks_at_all_in_batches(self):
        shipments = [self.ship(f"PP{number}") for number in range(5)]
        with patch.object(reconciliation, "BATCH_SIZE", 2), trap_jobs() as trap:
            self.env["shipment.freight.difference"]._cron_reconcile()
            self.assertGreaterEqual(len(trap.enqueued_jobs), 4)
            trap.perform_enqueued_jobs()
        self.env.invalidate_all()
        self.assertEqual(len(self.open()), len(shipments))

    def test_the_night_looks_at_old_ones_that_are_open_or_newly_billed(self):
        still_open = self.ship("PP1")
        self.reconcile()
        billed = self.ship("PP2", headline="cancelled")
        silent = self.ship("PP3", headline="cancelled")
        self.store(self.line(self.head(), "PP2", "9.50"))
        self.store(self.line(self.head("INV-2"), "PP3", "9.50"))
        self.env.flush_all()
        long_ago = NOW - dt.timedelta(days=400)
        self.env.cr.execute(
            "UPDATE shipment_shipment SET create_date = %s WHERE carrier_id = %s",
            [long_ago, self.carrier.id],
        )
        for table, column in (
            ("shipment_carrier_invoice", "id"),
            ("shipment_carrier_invoice_line", "invoice_id"),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET write_date = %s WHERE {column} IN"
                " (SELECT id FROM shipment_carrier_invoice WHERE name = 'INV-2')",
                [long_ago],
            )
        still_open.delivered_at = NOW
        with trap_jobs() as trap:
            self.env["shipment.freight.difference"]._cron_reconcile()
            looked_at = {
                shipment
                for job in trap.enqueued_jobs
                for shipment in job.kwargs.get("ids") or ()
            }
            trap.perform_enqueued_jobs()
        self.env.invalidate_all()
        # Of what was billed long ago and is not open, nothing can have changed.
        self.assertLessEqual({still_open.id, billed.id}, looked_at)
        self.assertNotIn(silent.id, looked_at)
        self.assertEqual(self.open(), [("PP2", "void_billed", 9.5)])

    def test_a_clerk_has_a_period_reconciled_at_once(self):
        self.ship("PP1")
        wizard = (
            self.env["shipment.freight.reconcile"]
            .with_user(self.clerk)
            .create({"date_from": "2026-01-01", "date_to": "2099-12-31"})
        )
        action = wizard.action_reconcile()
        self.assertEqual(action["res_model"], "shipment.freight.difference")
        self.assertEqual(self.open(), [("PP1", "not_billed", 8.0)])

    def test_many_of_a_period_are_reconciled_in_the_background(self):
        self.ship("PP1")
        self.ship("PP2")
        wizard = self.env["shipment.freight.reconcile"].create(
            {"date_from": "2026-01-01", "date_to": "2099-12-31"}
        )
        with patch.object(reconciliation, "BATCH_SIZE", 1), trap_jobs() as trap:
            wizard.action_reconcile()
            self.assertEqual(self.open(), [])
            trap.perform_enqueued_jobs()
        self.env.invalidate_all()
        self.assertEqual(len(self.open()), 2)

    def test_a_batch_takes_as_many_queries_as_a_single_shipment(self):
        self.ship("PP0")
        with self.profile_queries() as one:
            self.reconcile()
        for number in range(1, 20):
            self.ship(f"PP{number}")
        with self.profile_queries() as many:
            self.reconcile()
        self.assertLessEqual(many[0], one[0] + 1)

    def profile_queries(self):
        return _Counted(self.env.cr)

    # === RIGHTS === #

    def test_each_company_has_its_own_differences(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        shipment = self.ship("PP1", company_id=company.id)
        own = self.ship("PP2")
        # Of this carrier the other company has no invoices.
        self.reconcile(shipment, own)
        self.assertEqual(self.all().company_id, self.company)
        self.env["shipment.carrier.invoice"].create(
            {
                "name": "ELSE-1",
                "company_id": company.id,
                "carrier_id": self.carrier.id,
                "currency_id": company.currency_id.id,
                "date": BILLED_ON,
            }
        )
        self.env["shipment.freight.policy"]._of(company).bill_days = 10
        self.reconcile(shipment, own)
        self.assertEqual(self.all().company_id, self.company | company)
        seen = self.env["shipment.freight.difference"].with_user(self.clerk)
        self.assertEqual(seen.search([]).company_id, self.company)

    def test_a_clerk_reconciles_own_companies_only(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(UserError):
            self.env["shipment.freight.reconcile"].with_user(self.clerk).create(
                {
                    "company_id": company.id,
                    "date_from": "2026-01-01",
                    "date_to": "2099-12-31",
                }
            ).action_reconcile()

    def test_the_warehouse_sees_no_amounts(self):
        self.ship("PP1")
        self.reconcile()
        packer = new_test_user(
            self.env, login="packer", groups="stock.group_stock_user"
        )
        with self.assertRaises(AccessError):
            self.all().with_user(packer).read(["amount"])
        with self.assertRaises(AccessError):
            self.all().with_user(self.clerk).unlink()


class _Counted:
    def __init__(self, cr):
        self._cr = cr

    def __enter__(self):
        self._counts = [0]
        self._before = self._cr.sql_log_count
        return self._counts

    def __exit__(self, *_error):
        self._counts[0] = self._cr.sql_log_count - self._before


def freeze(now):
    """Today is a day of the test's, for what reconciles."""
    return patch.object(
        reconciliation.fields.Date, "context_today", lambda *_args: now.date()
    )
