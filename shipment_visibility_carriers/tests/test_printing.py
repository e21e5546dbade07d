from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)
from odoo.addons.shipment_visibility_carriers.models import shipment_printer
from odoo.addons.shipment_visibility_carriers.printing.base import PrintUnknown
from odoo.addons.shipment_visibility_carriers.printing.raw import RawPrinter
from odoo.addons.shipment_visibility_carriers.printing.simulated import (
    SimulatedIppPrinter,
    SimulatedRawPrinter,
)

from .common import CarriersCommon


class PrintingCommon(CarriersCommon):
    """A ZPL printer and a PDF printer that are switched on, at no place yet."""

    def setUp(self):
        super().setUp()
        self.zebra = self.enterContext(SimulatedRawPrinter())
        self.office = self.enterContext(SimulatedIppPrinter())
        self.zpl_printer, self.pdf_printer = self.env["shipment.printer"].create(
            [
                {"name": "Zebra", "host": "127.0.0.1", "port": self.zebra.port},
                {
                    "name": "Office",
                    "kind": "ipp",
                    "uri": self.office.uri,
                    "takes_zpl": False,
                    "takes_pdf": True,
                },
            ]
        )

    def _create_bench(self, **values):
        return self.env["shipment.print.bench"].create({"name": "Bench 1", **values})

    def _stand(self, bench, user=None):
        (user or self.env.user).shipment_bench_id = bench

    def _ship(self, **values):
        picking = self._create_picking(**values)
        picking.button_validate()
        return picking

    def _jobs(self, picking):
        jobs = self.env["shipment.print.job"]
        jobs.invalidate_model()
        return jobs.search(
            [("shipment_id", "in", picking.shipment_ids.ids)], order="id"
        )

    def _queued(self, printer):
        """How many jobs of the queue are about to print on a printer."""
        queue = self.env["queue.job"].search(
            [
                ("model_name", "=", "shipment.printer"),
                ("method_name", "=", "_job_print"),
            ]
        )
        return len(queue.filtered(lambda job: printer in job.records))

    def _run(self, printer):
        """Do what the queue does; return the seconds it is told to wait, if so."""
        self.env.flush_all()
        try:
            printer.sudo()._job_print()
        except RetryableJobError as error:
            return error.seconds
        finally:
            self.env.invalidate_all()
        return None


@tagged("post_install", "-at_install")
class TestPrinting(PrintingCommon):
    # === WHERE IT IS PRINTED === #

    def test_a_booked_label_is_printed_at_the_users_bench(self):
        self._stand(self._create_bench(shipment_zpl_printer_id=self.zpl_printer.id))
        picking = self._ship()
        job = self._jobs(picking)
        self.assertEqual(job.state, "waiting")
        self.assertEqual(self._queued(self.zpl_printer), 1)
        self.assertFalse(self.zebra.documents)
        self._run(self.zpl_printer)
        self.zebra.switch_off()
        [label] = self.zebra.documents
        self.assertEqual(label, picking.shipment_ids.package_ids.label_id.raw)
        self.assertTrue(label.startswith(b"^XA"))
        self.assertEqual(job.state, "done")
        self.assertTrue(job.printed_at)

    def test_each_user_prints_at_their_own_bench(self):
        self._stand(self._create_bench(shipment_zpl_printer_id=self.zpl_printer.id))
        self._stand(
            self._create_bench(shipment_pdf_printer_id=self.pdf_printer.id), self.packer
        )
        mine = self._ship()
        theirs = self._create_picking()
        theirs.with_user(self.packer).button_validate()
        self.assertEqual(self._jobs(mine).printer_id, self.zpl_printer)
        self.assertEqual(self._jobs(theirs).printer_id, self.pdf_printer)
        self.assertEqual(self._jobs(theirs).user_id, self.packer)
        self._run(self.pdf_printer)
        [(attributes, label)] = self.office.documents
        self.assertTrue(label.startswith(b"%PDF"))
        self.assertEqual(
            attributes["job-name"], theirs.shipment_ids.package_ids.tracking_number
        )

    def test_bench_comes_before_operation_type_before_warehouse(self):
        second, third = self.zpl_printer.copy(), self.zpl_printer.copy()
        bench = self._create_bench(shipment_zpl_printer_id=self.zpl_printer.id)
        picking = self._create_picking()
        operation = picking.picking_type_id
        operation.shipment_zpl_printer_id = second
        self.warehouse.shipment_zpl_printer_id = third
        self._stand(bench)
        picking.button_validate()
        find = picking.shipment_ids.package_ids._get_label_printer
        self.assertEqual(find(self.env.user), self.zpl_printer)
        bench.active = False
        self.assertEqual(find(self.env.user), second)
        second.active = False
        self.assertEqual(find(self.env.user), third)

    def test_the_format_is_of_the_first_place_that_has_one_and_the_carrier_prints(self):
        picking = self._create_picking()
        find = picking._get_shipment_label_format
        self.assertEqual(find(self.method), "PDF")
        self.warehouse.shipment_label_format = "ZPL"
        self.assertEqual(find(self.method), "ZPL")
        picking.picking_type_id.shipment_label_format = "PDF"
        self.assertEqual(find(self.method), "PDF")
        self._stand(self._create_bench(shipment_label_format="ZPL"))
        self.assertEqual(find(self.method), "ZPL")
        self.patch(SandboxAdapter, "label_formats", ("PDF",))
        self.assertEqual(find(self.method), "PDF")

    def test_a_place_with_one_printer_wants_what_that_takes(self):
        picking = self._create_picking()
        self._stand(self._create_bench(shipment_zpl_printer_id=self.zpl_printer.id))
        self.assertEqual(picking._get_shipment_label_format(self.method), "ZPL")
        self.env.user.shipment_bench_id.shipment_pdf_printer_id = self.pdf_printer
        self.assertEqual(picking._get_shipment_label_format(self.method), "PDF")

    def test_without_a_printer_nothing_is_queued(self):
        self.assertFalse(self._jobs(self._ship()))

    def test_an_operation_type_can_leave_printing_to_people(self):
        self.warehouse.shipment_pdf_printer_id = self.pdf_printer
        picking = self._create_picking()
        picking.picking_type_id.shipment_print_automatically = False
        picking.button_validate()
        self.assertFalse(self._jobs(picking))

    def test_what_the_system_books_is_printed_for_who_asked_for_it(self):
        self._stand(
            self._create_bench(shipment_pdf_printer_id=self.pdf_printer.id), self.packer
        )
        picking = self._create_picking()
        bot = self.env.ref("base.user_root")
        original = type(picking)._attach_shipments

        def attach_as_system(record, obtained):
            return original(record.with_user(bot), obtained)

        with patch.object(type(picking), "_attach_shipments", attach_as_system):
            picking.with_user(self.packer).button_validate()
        self.assertEqual(self._jobs(picking).user_id, self.packer)
        self.assertEqual(self._jobs(picking).printer_id, self.pdf_printer)

    def test_a_customers_return_label_is_not_printed_in_the_warehouse(self):
        self.warehouse.shipment_pdf_printer_id = self.pdf_printer
        picking = self._ship()
        portal = new_test_user(
            self.env, login="printing_portal", groups="base.group_portal"
        )
        before = len(self._jobs(picking))
        picking.with_user(portal).sudo().carrier_id.get_return_label(
            picking.with_user(portal).sudo()
        )
        self.assertIn("return", picking.shipment_ids.mapped("direction"))
        self.assertEqual(len(self._jobs(picking)), before)

    # === ONCE === #

    def test_a_second_validation_prints_nothing_again(self):
        self.warehouse.shipment_pdf_printer_id = self.pdf_printer
        picking = self._ship()
        picking.send_to_shipper()
        picking.shipment_ids._print_new_labels(self.env.user)
        self.assertEqual(len(self._jobs(picking)), 1)

    def test_labels_leave_in_the_order_of_the_parcels(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        picking = self._ship(lines={self.lamp: 1, self.blanket: 2}, packages=2)
        self._run(self.zpl_printer)
        self.zebra.switch_off()
        self.assertEqual(
            self.zebra.documents,
            [package.label_id.raw for package in picking.shipment_ids.package_ids],
        )
        self._run(self.zpl_printer)
        self.assertEqual(len(self.zebra.documents), 2)

    def test_a_label_that_was_cancelled_meanwhile_is_not_printed(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        picking = self._ship()
        picking.cancel_shipment()
        self._run(self.zpl_printer)
        self.zebra.switch_off()
        self.assertFalse(self.zebra.documents)
        jobs = self.env["shipment.print.job"].search(
            [("printer_id", "=", self.zpl_printer.id)]
        )
        self.assertEqual(jobs.state, "cancelled")

    # === THE PRINTER IS AWAY === #

    def test_a_printer_that_is_back_prints_what_waited(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        self.zebra.switch_off()
        job = self._jobs(self._ship())
        first_pause = self._run(self.zpl_printer)
        self.assertEqual(job.state, "waiting")
        self.assertIn("refused", job.message)
        self.assertTrue(self.zpl_printer.away_since)
        # It is left alone for a while, and then for longer.
        self.assertLessEqual(self._run(self.zpl_printer), first_pause)
        self.zpl_printer.write(
            {
                "away_since": fields.Datetime.now() - timedelta(minutes=2),
                "next_try_at": False,
            }
        )
        self.assertGreater(self._run(self.zpl_printer), first_pause)
        self.zebra.switch_on()
        self.zpl_printer.action_try_now()
        self.assertIsNone(self._run(self.zpl_printer))
        self.zebra.switch_off()
        self.assertEqual(len(self.zebra.documents), 1)
        self.assertEqual(job.state, "done")
        self.assertFalse(self.zpl_printer.away_since)

    def test_who_booked_is_told_when_it_finally_fails_and_prints_elsewhere(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        self.zebra.switch_off()
        picking = self._create_picking()
        picking.with_user(self.packer).button_validate()
        job = self._jobs(picking)
        job.held_up_since = fields.Datetime.now() - timedelta(hours=1)
        told = []
        with patch.object(
            type(self.env["res.users"]),
            "_bus_send",
            lambda user, kind, message, **_kw: told.append((user, kind, message)),
        ):
            self.assertIsNone(self._run(self.zpl_printer))
        self.assertEqual(job.state, "failed")
        [(user, message)] = [
            (user, message)
            for user, kind, message in told
            if kind == "simple_notification"
        ]
        self.assertEqual(user, self.packer)
        number = picking.shipment_ids.package_ids.tracking_number
        self.assertIn(number, message["message"])
        self.assertEqual(picking.shipment_ids.activity_ids.user_id, self.packer)

        with SimulatedRawPrinter() as spare:
            other = self.zpl_printer.copy({"name": "Spare", "port": spare.port})
            wizard = self._open_wizard(job.with_user(self.packer))
            self.assertEqual(wizard.printer_id, other)
            wizard.action_print()
            self.assertEqual(self._queued(other), 1)
            self._run(other)
        self.assertEqual(len(spare.documents), 1)
        self.assertEqual((job.state, job.printer_id), ("done", other))
        self.assertFalse(picking.shipment_ids.activity_ids)

    def test_what_was_being_printed_when_the_server_died_is_not_printed_again(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        job = self._jobs(self._ship())
        job.state = "printing"
        self._run(self.zpl_printer)
        self.zebra.switch_off()
        self.assertFalse(self.zebra.documents)
        self.assertEqual(job.state, "failed")
        self.assertIn("Look at the printer", job.message)

    def test_what_may_have_been_printed_waits_for_a_person(self):
        self.warehouse.shipment_pdf_printer_id = self.pdf_printer
        self.office.hangs_up = True
        job = self._jobs(self._ship())
        self.assertIsNone(self._run(self.pdf_printer))
        self._run(self.pdf_printer)
        self.assertEqual(job.state, "failed")
        self.assertEqual(len(self.office.documents), 1)

    def test_one_label_that_is_refused_does_not_hold_up_the_next(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        first, second = self._jobs(self._ship()), self._jobs(self._ship())
        original = RawPrinter.print

        def picky(printer, content, mimetype, title):
            if title == first.package_id.tracking_number:
                raise PrintUnknown("Zebra: who knows")
            original(printer, content, mimetype, title)

        with patch.object(RawPrinter, "print", picky):
            self._run(self.zpl_printer)
        self.assertEqual((first.state, second.state), ("failed", "done"))

    def test_a_printer_that_no_longer_takes_the_format_says_so(self):
        self.warehouse.shipment_pdf_printer_id = self.pdf_printer
        job = self._jobs(self._ship())
        self.pdf_printer.write({"takes_pdf": False, "takes_zpl": True})
        self._run(self.pdf_printer)
        self.assertEqual(job.message, "Office does not take PDF.")

    def test_a_job_that_is_cancelled_is_not_printed(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        job = self._jobs(self._ship())
        job.with_user(self.packer).action_cancel()
        self._run(self.zpl_printer)
        self.zebra.switch_off()
        self.assertFalse(self.zebra.documents)
        self.zebra.switch_on()
        job.with_user(self.packer).action_retry()
        self._run(self.zpl_printer)
        with self.assertRaisesRegex(UserError, "Print the label again"):
            job.action_cancel()

    def test_the_sweep_wakes_printers_that_were_forgotten(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        self._ship()
        self.env["queue.job"].search([]).unlink()
        self.env["shipment.printer"]._cron_sweep()
        self.assertEqual(self._queued(self.zpl_printer), 1)
        self.assertEqual(self._queued(self.pdf_printer), 0)

    # === AGAIN === #

    def test_a_reprint_buys_nothing_and_opens_no_file(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        picking = self._ship()
        self._run(self.zpl_printer)
        bought = self._count()
        action = picking.with_user(self.packer).action_print_shipment_labels()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("Zebra", action["params"]["message"])
        self._run(self.zpl_printer)
        self.zebra.switch_off()
        self.assertEqual(len(self.zebra.documents), 2)
        self.assertEqual(len(set(self.zebra.documents)), 1)
        self.assertFalse(bought)
        self.assertEqual(self._jobs(picking).mapped("automatic"), [True, False])

    def test_what_has_no_printer_is_handed_to_the_browser(self):
        self._stand(self._create_bench(shipment_zpl_printer_id=self.zpl_printer.id))
        zpl = self._ship()
        self._stand(False)
        pdf = self._ship()
        self._stand(self._create_bench(shipment_zpl_printer_id=self.zpl_printer.id))
        action = (zpl | pdf).action_print_shipment_labels()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertEqual(
            action["url"],
            f"/shipment/labels/package/{pdf.shipment_ids.package_ids.id}",
        )
        self.assertEqual(len(self._jobs(zpl)), 2)
        self.assertFalse(self._jobs(pdf))

    def test_a_salesman_gets_a_file_and_starts_no_printer(self):
        self.warehouse.shipment_pdf_printer_id = self.pdf_printer
        picking = self._ship()
        shipment = picking.shipment_ids.with_user(self.salesman).sudo(False)
        if not shipment.has_access("read"):
            picking.sale_id.user_id = self.salesman
        action = shipment.action_print_label()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertEqual(len(self._jobs(picking)), 1)
        with self.assertRaises(AccessError):
            shipment.action_choose_printer()

    def test_another_printer_can_be_chosen(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        picking = self._ship()
        with SimulatedRawPrinter() as spare:
            other = self.zpl_printer.copy({"name": "Spare", "port": spare.port})
            wizard = self._open_wizard(picking.shipment_ids.with_user(self.packer))
            self.assertEqual(wizard.printer_id, self.zpl_printer)
            self.assertNotIn(self.pdf_printer, wizard.allowed_printer_ids)
            wizard.printer_id = other
            wizard.action_print()
            self._run(other)
        self.assertEqual(len(spare.documents), 1)

    def _open_wizard(self, records):
        action = records.action_choose_printer()
        return records.env[action["res_model"]].browse(action["res_id"])

    # === THE TEST PAGE === #

    def test_a_test_page_is_printed_at_once(self):
        self.zpl_printer.with_user(self.packer).action_print_test_page()
        self.zebra.switch_off()
        self.assertIn(b"Zebra", self.zebra.documents[0])
        with self.assertRaisesRegex(UserError, "connection refused"):
            self.zpl_printer.action_print_test_page()

    # === OCA === #

    def test_a_printer_of_ocas_print_server_is_used_when_that_is_installed(self):
        printed = []

        class Server:
            name = "Warehouse"

            def exists(self):
                return True

            def print_document(self, report, content, **options):
                printed.append((report, content, options))

        class Model:
            def sudo(self):
                return self

            def browse(self, _id):
                return Server()

        printer = self.zpl_printer
        kinds = dict(printer._selection_kind())
        self.assertNotIn("oca", kinds)
        model = type(printer)
        with (
            patch.object(model, "_get_oca_model", lambda _self: Model()),
            patch.object(model, "_selection_oca_printer", lambda _self: [("7", "W")]),
        ):
            printer.write({"kind": "oca", "oca_printer": "7"})
            self.warehouse.shipment_zpl_printer_id = printer
            self._jobs(self._ship())
            self._run(printer)
        [(report, content, options)] = printed
        self.assertIsNone(report)
        self.assertTrue(content.startswith(b"^XA"))
        self.assertEqual(options["doc_format"], "raw")
        with self.assertRaisesRegex(UserError, "does not know it any more"):
            printer.action_print_test_page()
        self.assertEqual(shipment_printer.OCA_MODEL, "printing.printer")


@tagged("post_install", "-at_install")
class TestPrintingRights(PrintingCommon):
    def test_packers_use_printers_and_managers_set_them_up(self):
        printer = self.zpl_printer.with_user(self.packer)
        self.assertEqual(printer.name, "Zebra")
        for refused in (
            lambda: printer.write({"host": "elsewhere"}),
            lambda: printer.copy(),
            lambda: self._create_bench().with_user(self.packer).write({"name": "x"}),
        ):
            with self.assertRaises(AccessError):
                refused()
        manager = new_test_user(
            self.env, login="printing_manager", groups="stock.group_stock_manager"
        )
        printer.with_user(manager).name = "Zebra 2"

    def test_a_salesman_neither_sees_printers_nor_prints(self):
        with self.assertRaises(AccessError):
            self.zpl_printer.with_user(self.salesman).read(["host"])
        with self.assertRaises(AccessError):
            self.zpl_printer.with_user(self.salesman).action_print_test_page()
        bench = self._create_bench()
        with self.assertRaises(AccessError):
            bench.with_user(self.salesman).action_stand_here()

    def test_print_jobs_are_not_written_by_hand(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        job = self._jobs(self._ship())
        with self.assertRaises(AccessError):
            job.with_user(self.packer).write({"state": "done"})
        with self.assertRaises(AccessError):
            job.with_user(self.packer).copy()
        with self.assertRaises(AccessError):
            job.with_user(self.salesman).action_cancel()

    def test_everybody_chooses_their_own_bench_and_nobody_elses(self):
        bench = self._create_bench()
        bench.with_user(self.packer).action_stand_here()
        self.assertEqual(self.packer.shipment_bench_id, bench)
        self.assertTrue(bench.with_user(self.packer).is_mine)
        self.assertFalse(bench.is_mine)
        mine = self.packer.with_user(self.packer)
        mine.write({"shipment_bench_id": False})
        self.assertFalse(mine.read(["shipment_bench_id"])[0]["shipment_bench_id"])
        with self.assertRaises(AccessError):
            self.salesman.with_user(self.packer).write({"shipment_bench_id": bench.id})

    def test_printers_and_benches_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.zpl_printer.company_id = other
        bench = self._create_bench(company_id=other.id)
        packer_env = self.env(user=self.packer)
        printers = packer_env["shipment.printer"].search([])
        self.assertNotIn(self.zpl_printer, printers)
        self.assertIn(self.pdf_printer, printers)
        self.assertNotIn(bench, packer_env["shipment.print.bench"].search([]))
        with self.assertRaises(ValidationError):
            self.packer.shipment_bench_id = bench
        with self.assertRaisesRegex(UserError, "another company"):
            self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        self.zpl_printer.company_id = False
        self.assertIn(self.zpl_printer, packer_env["shipment.printer"].search([]))

    def test_a_bench_of_another_company_does_not_print_this_companys_labels(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.packer.company_ids |= other
        self.zpl_printer.company_id = other
        self._stand(
            self._create_bench(
                company_id=other.id, shipment_zpl_printer_id=self.zpl_printer.id
            ),
            self.packer,
        )
        picking = self._create_picking()
        picking.with_user(self.packer).button_validate()
        self.assertFalse(self._jobs(picking))
        self.assertTrue(
            picking.shipment_ids.package_ids.label_id.raw.startswith(b"%PDF")
        )

    def test_print_jobs_of_another_company_are_not_seen(self):
        self.warehouse.shipment_zpl_printer_id = self.zpl_printer
        job = self._jobs(self._ship())
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            login="printing_stranger",
            groups="stock.group_stock_user",
            company_id=other.id,
            company_ids=[other.id],
        )
        self.assertFalse(self.env["shipment.print.job"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            job.with_user(stranger).action_cancel()

    def test_a_printer_must_be_complete(self):
        for values in (
            {"host": False},
            {"port": 0},
            {"kind": "ipp", "uri": "http://printer"},
            {"takes_zpl": False, "takes_pdf": False},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.zpl_printer.write(values)
