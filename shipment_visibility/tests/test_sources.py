import base64
import datetime as dt
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open

from odoo.addons.queue_job.tests.common import trap_jobs

from ..canonical.milestone import Code
from ..models import shipment_event_import
from .common import NOON, ShipmentCase


class SourcesCase(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            "sources_user",
            "base.group_user,shipment_visibility.shipment_group_user",
        )
        cls.manager = new_test_user(
            cls.env,
            "sources_manager",
            "base.group_user,shipment_visibility.shipment_group_manager",
        )
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})


@tagged("post_install", "-at_install")
class TestManualEntry(SourcesCase):
    def record(self, shipments, user=None, **values):
        """Fill in the wizard and press Record."""
        entry = (
            self.env["shipment.event.entry"]
            .with_user(user or self.user)
            .with_context(active_model="shipment.shipment", active_ids=shipments.ids)
            .create(
                {
                    "code": "delivered",
                    "occurred_at": fields.Datetime.now() - dt.timedelta(hours=1),
                    **values,
                }
            )
        )
        return entry.action_record()

    def upload(self, user=None):
        """A file as the browser uploads it for the wizard."""
        return (
            self.env["ir.attachment"]
            .with_user(user or self.user)
            .create(
                {
                    "name": "signed.txt",
                    "datas": base64.b64encode(b"signed"),
                    "res_model": "shipment.event.entry",
                    "res_id": 0,
                }
            )
        )

    def test_a_user_records_for_a_shipment_without_a_number(self):
        shipment = self.make_shipment(False)
        self.record(shipment, signer="C. Exemple", city="Lyon")
        self.assertEqual(shipment.headline, "delivered")
        self.assertEqual(shipment.signer, "C. Exemple")
        milestone = shipment.milestone_ids
        self.assertEqual(milestone.source, "manual")
        self.assertEqual(milestone.origin, self.user.name)
        self.assertEqual(milestone.city, "Lyon")

    def test_several_shipments_are_recorded_at_once(self):
        shipments = self.make_shipment("M1") | self.make_shipment("M2")
        self.record(shipments, code="picked_up")
        self.assertEqual(shipments.mapped("headline"), ["picked_up"] * 2)

    def test_only_the_chosen_parcel_is_delivered(self):
        shipment = self.make_shipment("P1", "P2")
        first, second = shipment.package_ids
        self.record(shipment, package_ids=[Command.set(first.ids)])
        self.assertEqual((first.headline, second.headline), ("delivered", "unknown"))

    def test_pressing_record_twice_records_once(self):
        shipment = self.make_shipment("T1")
        moment = fields.Datetime.now()
        for _time in range(2):
            self.record(shipment, occurred_at=moment)
        self.assertEqual(len(shipment.milestone_ids), 1)

    def test_a_reason_makes_it_a_correction(self):
        shipment = self.make_shipment("C1")
        self.ingest(self.event("C1", Code.RETURNED))
        after = NOON.replace(tzinfo=None) + dt.timedelta(minutes=5)
        self.record(shipment, occurred_at=after)
        self.assertEqual(shipment.headline, "returned")
        self.record(
            shipment, occurred_at=after, is_correction=True, reason="Wrong scan"
        )
        self.assertEqual(shipment.headline, "delivered")

    def test_a_correction_needs_a_reason(self):
        shipment = self.make_shipment("C2")
        with self.assertRaises(UserError):
            self.record(shipment, is_correction=True, reason="  ")

    def test_a_reason_without_a_correction_does_not_count(self):
        shipment = self.make_shipment("C3")
        self.record(shipment, reason="left over")
        self.assertFalse(shipment.milestone_ids.reason)

    def test_impossible_times_are_refused(self):
        shipment = self.make_shipment("I1")
        now = fields.Datetime.now()
        for moment in (dt.datetime(1999, 12, 31), now + dt.timedelta(days=2)):
            with self.assertRaises(UserError):
                self.record(shipment, occurred_at=moment)
        self.assertFalse(shipment.milestone_ids)

    def test_nothing_is_recorded_without_a_shipment(self):
        none = self.env["shipment.shipment"]
        with self.assertRaises(UserError):
            self.record(none, attachment_ids=[Command.set(self.upload().ids)])

    def test_parcels_of_another_shipment_are_refused(self):
        shipment = self.make_shipment("W1")
        other = self.make_shipment("W2")
        for shipments in (shipment, shipment | other):
            with self.assertRaises(UserError):
                self.record(shipments, package_ids=[Command.set(other.package_ids.ids)])

    def test_a_shipment_of_another_company_cannot_be_recorded_for(self):
        shipment = self.make_shipment("X1", company_id=self.elsewhere.id)
        with self.assertRaises(AccessError):
            self.record(shipment)
        self.assertFalse(shipment.milestone_ids)

    def test_a_file_proves_the_delivery_of_each_shipment(self):
        shipments = self.make_shipment("D1") | self.make_shipment("D2")
        self.record(shipments, attachment_ids=[Command.set(self.upload().ids)])
        for shipment in shipments:
            proof = shipment.proof_attachment_ids
            self.assertEqual(proof.raw, b"signed")
            self.assertEqual(
                (proof.res_model, proof.res_id), (shipment._name, shipment.id)
            )

    def test_a_photo_of_a_damage_is_no_proof_of_delivery(self):
        shipment = self.make_shipment("D3")
        file = self.upload()
        self.record(shipment, code="damaged", attachment_ids=[Command.set(file.ids)])
        self.assertEqual((file.res_model, file.res_id), (shipment._name, shipment.id))
        self.assertFalse(shipment.proof_attachment_ids)

    def test_a_file_of_another_record_is_copied_not_taken_away(self):
        shipment = self.make_shipment("D4")
        file = self.env["ir.attachment"].create(
            {
                "name": "map.txt",
                "raw": b"map",
                "res_model": "res.partner",
                "res_id": self.customer.id,
            }
        )
        self.record(shipment, self.manager, attachment_ids=[Command.set(file.ids)])
        self.assertEqual(file.res_model, "res.partner")
        self.assertEqual(shipment.proof_attachment_ids.raw, b"map")


HEAD = "carrier,tracking_number,milestone,occurred_at,text\n"


@tagged("post_install", "-at_install")
class TestFileImport(SourcesCase):
    def upload(self, content, **values):
        """Upload a file and press Import."""
        content = content.encode() if isinstance(content, str) else content
        record = (
            self.env["shipment.event.import"]
            .with_user(self.manager)
            .create(
                {
                    "name": "events.csv",
                    "file": base64.b64encode(content),
                    "company_id": self.company.id,
                    **values,
                }
            )
        )
        record.action_import()
        return record

    def counts(self, record):
        return (
            record.accepted_count,
            record.duplicate_count,
            record.unmatched_count,
            record.refused_count,
        )

    def test_a_file_moves_the_headline_and_reports_every_line(self):
        shipment = self.make_shipment("F1")
        code = self.carrier.code
        record = self.upload(
            HEAD
            + f"{code},f-1,Picked up,2026-03-02 10:00,\n"
            + f"{self.carrier.name},F1,delivered,2026-03-03,At the door\n"
            + f"{code},F1,delivered,2026-03-03,At the door\n"
            + f"{code},NOBODY,delivered,2026-03-03,\n"
            + f"{code},F1,delivred,2026-03-03,\n"
        )
        self.assertEqual(shipment.headline, "delivered")
        self.assertEqual(self.counts(record), (2, 1, 1, 1))
        self.assertEqual(
            record.line_ids.mapped("outcome"),
            ["accepted", "accepted", "duplicate", "unmatched", "refused"],
        )
        self.assertEqual(record.line_ids.mapped("number"), [2, 3, 4, 5, 6])
        refused = record.refused_line_ids
        self.assertEqual((refused.reason, refused.detail), ("milestone", "delivred"))
        self.assertIn("delivred", refused.raw)
        milestone = shipment.milestone_ids[0]
        self.assertEqual((milestone.source, milestone.origin), ("file", "events.csv"))
        self.assertEqual((milestone.precision, milestone.zone), ("day", "local"))

    def test_the_same_file_again_gives_duplicates_only(self):
        shipment = self.make_shipment("F2")
        content = HEAD + "".join(
            f"{self.carrier.code},F2,{code},2026-03-02,\n"
            for code in ("picked_up", "departed", "arrived")
        )
        self.assertEqual(self.counts(self.upload(content)), (3, 0, 0, 0))
        self.assertEqual(self.counts(self.upload(content)), (0, 3, 0, 0))
        self.assertEqual(len(shipment.milestone_ids), 3)

    def test_a_long_file_is_handed_in_by_the_half_thousand(self):
        self.make_shipment("F3")
        content = HEAD + "".join(
            f"{self.carrier.code},F3,arrived,2026-03-02 10:00,Hub {number}\n"
            for number in range(1001)
        )
        sizes = []
        Shipment = self.registry["shipment.shipment"]
        ingest = Shipment._ingest

        def counted(shipments, events, **values):
            sizes.append(len(events))
            return ingest(shipments, events, **values)

        self.patch(Shipment, "_ingest", counted)
        record = self.upload(content)
        self.assertEqual(sizes, [500, 500, 1])
        self.assertEqual(self.counts(record), (1001, 0, 0, 0))

    def test_a_file_without_carriers_takes_the_chosen_one(self):
        shipment = self.make_shipment("F4")
        content = "tracking_number;milestone;occurred_at\nF4;delivered;2026-03-02\n"
        self.assertEqual(self.counts(self.upload(content)), (0, 0, 0, 1))
        self.upload(content, carrier_id=self.carrier.id)
        self.assertEqual(shipment.headline, "delivered")

    def test_no_carrier_is_invented_from_a_file(self):
        before = self.env["shipment.carrier"].search_count([])
        record = self.upload(HEAD + "zapper,Z1,delivered,2026-03-02,\n")
        self.assertEqual(record.line_ids.reason, "carrier")
        self.assertEqual(self.env["shipment.carrier"].search_count([]), before)

    def test_an_imported_file_is_not_imported_again(self):
        record = self.upload(HEAD)
        with self.assertRaises(UserError):
            record.action_import()

    def test_a_long_file_goes_on_in_the_background(self):
        self.make_shipment("LONG")
        lines = "".join(
            f"{self.carrier.code},LONG,arrived,2026-03-02 {hour:02}:00+00:00,\n"
            for hour in range(7)
        )
        broken = f"{self.carrier.code},LONG,arrived,yesterday,\n"
        with (
            patch.object(shipment_event_import, "PART_SIZE", 3),
            trap_jobs() as trap,
        ):
            record = self.upload(HEAD + lines + broken)
            self.assertEqual((record.state, record.accepted_count), ("running", 3))
            trap.assert_jobs_count(1, only=record._job_import)
            record._job_import()
            record._job_import()
            self.assertEqual(record.state, "done")
            record._job_import()
        self.assertEqual(self.counts(record), (7, 0, 0, 1))
        self.assertEqual(record.line_ids.mapped("number"), list(range(2, 10)))

    def test_hostile_files_are_reported_and_stored(self):
        self.make_shipment("F5")
        text = "\u200f\u0646\u064f\u0642\u0644 \U0001f4e6\0\x1b" + "x" * 10_000_000
        record = self.upload(
            HEAD + f"{self.carrier.code},F5\0,delivered,2026-03-02,{text}\n"
        )
        milestone = self.env["shipment.milestone"].search(
            [("number_normalised", "=", "F5")]
        )
        self.assertEqual(len(milestone.raw_text), 10_000)
        self.assertTrue(milestone.raw_text.startswith("\u200f\u0646\u064f"))
        self.assertEqual(self.counts(record), (1, 0, 0, 0))
        for content in (b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"a|b\n1|2\n"):
            record = self.upload(content or b"\n")
            self.assertEqual(self.counts(record), (0, 0, 0, 1))
            self.assertIn(record.line_ids.reason, ("empty", "columns"))

    def test_refused_lines_can_be_mended_and_sent_again(self):
        shipment = self.make_shipment("F6")
        record = self.upload(
            HEAD
            + f"{self.carrier.code},F6,delivred,2026-03-02,=1+1\n"
            + f"{self.carrier.code},F6,picked_up,2026-03-01,\n"
        )
        refused = base64.b64decode(record.refused_file)
        self.assertNotIn(b"picked_up", refused)
        self.assertIn(b"No milestone is called so", refused)
        again = self.upload(refused.replace(b"delivred,", b"delivered,", 1))
        self.assertEqual(self.counts(again), (1, 0, 0, 0))
        self.assertEqual(shipment.headline, "delivered")
        self.assertIn("=1+1", shipment.milestone_ids.mapped("raw_text"))

    def test_the_sample_file_has_nothing_to_refuse(self):
        with file_open("shipment_visibility/static/csv/shipment_events.csv", "rb") as f:
            content = f.read()
        self.env["shipment.carrier"]._get_or_create("example", "Example")
        record = self.upload(content)
        self.assertEqual(self.counts(record), (0, 0, 5, 0))

    def test_a_file_reaches_only_its_own_company(self):
        shipment = self.make_shipment("F7", company_id=self.elsewhere.id)
        record = self.upload(HEAD + f"{self.carrier.code},F7,delivered,2026-03-02,\n")
        self.assertEqual(self.counts(record), (0, 0, 1, 0))
        self.assertEqual(shipment.headline, "unknown")

    def test_only_managers_import_files_and_nobody_edits_the_report(self):
        record = self.upload(HEAD + "zapper,Z1,delivered,2026-03-02,\n")
        with self.assertRaises(AccessError):
            record.with_user(self.user).read(["name"])
        with self.assertRaises(AccessError):
            record.line_ids.write({"outcome": "accepted"})
        record.sudo().company_id = self.elsewhere
        with self.assertRaises(AccessError):
            record.invalidate_recordset()
            record.read(["name"])


@tagged("post_install", "-at_install")
class TestImportScreen(SourcesCase):
    HEADER = ["carrier_id", "tracking_number", "code", "occurred_at", "raw_text"]

    def load(self, *rows, user=None, header=None):
        """Import rows as Odoo's import screen does."""
        wizard = (
            self.env["base_import.import"]
            .with_user(user or self.manager)
            .create(
                {
                    "res_model": "shipment.milestone",
                    "file_type": "text/csv",
                    "file": "\n".join(",".join(row) for row in rows).encode(),
                }
            )
        )
        header = header or self.HEADER
        options = {"has_headers": False, "quoting": '"', "separator": ","}
        return wizard.execute_import(header, header, options)

    def row(self, number, code="Delivered", moment="2026-03-02 10:00:00", text=""):
        return [self.carrier.name, number, code, moment, text]

    def test_rows_become_events_in_their_order(self):
        shipment = self.make_shipment("O1")
        result = self.load(
            self.row("O1", moment="2026-03-03 10:00:00"),
            self.row("O1", "Picked up"),
        )
        self.assertFalse(result["messages"])
        milestones = self.env["shipment.milestone"].browse(result["ids"])
        self.assertEqual(milestones.mapped("code"), ["delivered", "picked_up"])
        self.assertEqual(milestones.shipment_id, shipment)
        self.assertEqual(set(milestones.mapped("source")), {"file"})
        self.assertEqual(shipment.headline, "delivered")

    def test_rows_that_are_known_return_what_is_known(self):
        self.make_shipment("O2")
        first = self.load(self.row("O2"), self.row("o-2"))
        again = self.load(self.row("O2"))
        self.assertEqual(len(set(first["ids"])), 1)
        self.assertEqual(first["ids"][:1], again["ids"])

    def test_a_bad_row_is_named_and_nothing_is_kept(self):
        shipment = self.make_shipment("O3")
        bad = [
            self.row("--"),
            self.row("O3", moment="1999-01-01 10:00:00"),
            self.row("1" * 129),
        ]
        for row in bad:
            result = self.load(self.row("O3", "Picked up"), row)
            self.assertFalse(result["ids"])
            self.assertEqual(result["messages"][0]["type"], "error")
        self.assertFalse(shipment.milestone_ids)

    def test_technical_columns_are_not_offered(self):
        tree = (
            self.env["base_import.import"]
            .with_user(self.manager)
            .get_fields_tree("shipment.milestone")
        )
        offered = {field["name"] for field in tree}
        self.assertLessEqual(set(self.HEADER), offered)
        self.assertFalse(offered & {"key", "source", "shipment_id", "received_at"})

    def test_plain_creation_stays_refused(self):
        values = {
            "carrier_id": self.carrier.id,
            "tracking_number": "O4",
            "code": "delivered",
            "occurred_at": "2026-03-02 10:00:00",
        }
        Milestone = self.env["shipment.milestone"]
        with self.assertRaises(UserError):
            Milestone.with_user(self.manager).create(values)
        with self.assertRaises(AccessError):
            Milestone.with_user(self.user).with_context(import_file=True).create(values)

    def test_nobody_imports_for_a_company_that_is_not_theirs(self):
        importer = self.env["shipment.milestone"].with_user(self.manager)
        with self.assertRaises(AccessError):
            importer.with_context(import_file=True).create(
                {
                    "company_id": self.elsewhere.id,
                    "carrier_id": self.carrier.id,
                    "tracking_number": "O5",
                    "code": "delivered",
                    "occurred_at": "2026-03-02 10:00:00",
                }
            )

    def test_the_action_opens_the_screen_of_milestones(self):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility.shipment_milestone_action_import"
        )
        self.assertEqual(action["tag"], "import")
        self.assertEqual(action["params"], {"active_model": "shipment.milestone"})


@tagged("post_install", "-at_install")
class TestAssignment(SourcesCase):
    def assign(self, milestones, shipment, **values):
        """Select events and press Assign."""
        wizard = (
            self.env["shipment.event.assign"]
            .with_user(self.manager)
            .with_context(active_model="shipment.milestone", active_ids=milestones.ids)
            .create({"shipment_id": shipment.id, **values})
        )
        return wizard.action_assign()

    def park(self, *numbers, code=Code.PICKED_UP, **values):
        """Events of numbers that nobody knows."""
        self.ingest(*(self.event(number, code, **values) for number in numbers))
        return self.env["shipment.milestone"].search(
            [("tracking_number", "in", numbers), ("shipment_id", "=", False)]
        )

    def test_assigned_events_move_the_headline(self):
        shipment = self.make_shipment("A1")
        parked = self.park("ODD 1")
        self.assign(parked, shipment, later_too=False)
        self.assertEqual(parked.shipment_id, shipment)
        self.assertEqual(shipment.headline, "picked_up")
        self.assertEqual(len(shipment.package_ids), 1)

    def test_later_events_of_the_number_follow(self):
        shipment = self.make_shipment("A2")
        package = shipment.package_ids
        self.assign(self.park("ODD 2"), shipment)
        self.ingest(self.event("odd2", Code.DELIVERED, 60))
        self.assertEqual((shipment.headline, package.headline), ("delivered",) * 2)
        alias = shipment.package_ids - package
        self.assertEqual(
            (alias.tracking_number, alias.superseded_by_id, alias.live),
            ("ODD 2", package, True),
        )

    def test_without_later_events_the_number_stays_unknown(self):
        shipment = self.make_shipment("A3")
        self.assign(self.park("ODD 3"), shipment, later_too=False)
        self.ingest(self.event("ODD 3", Code.DELIVERED, 60))
        self.assertEqual(shipment.headline, "picked_up")

    def test_what_else_waits_under_the_number_comes_along(self):
        shipment = self.make_shipment("A4")
        first = self.park("ODD 4")
        self.park("ODD 4", code=Code.DELIVERED, minutes=60)
        self.assign(first, shipment)
        self.assertEqual(shipment.headline, "delivered")

    def test_a_parcel_without_a_number_gets_it(self):
        shipment = self.make_shipment("A5", False)
        first, second = shipment.package_ids
        self.assign(self.park("ODD 5"), shipment, package_id=second.id)
        self.assertEqual(second.tracking_number, "ODD 5")
        self.assertEqual((first.headline, second.headline), ("unknown", "picked_up"))
        self.assertEqual(len(shipment.package_ids), 2)

    def test_one_number_can_name_all_parcels_together(self):
        shipment = self.make_shipment("A6", "B6")
        self.assign(self.park("ODD 6"), shipment)
        self.ingest(self.event("ODD 6", Code.DELIVERED, 60))
        self.assertEqual(
            shipment.package_ids.mapped("headline"), ["delivered", "delivered"]
        )

    def test_several_numbers_need_their_package(self):
        shipment = self.make_shipment("A7", "B7")
        parked = self.park("ODD 7", "ODD 77")
        with self.assertRaises(UserError):
            self.assign(parked, shipment)
        self.assign(parked, shipment, package_id=shipment.package_ids[0].id)
        self.assertEqual(shipment.package_ids.mapped("headline")[:1], ["picked_up"])
        self.assertEqual(parked.shipment_id, shipment)

    def test_a_shipment_without_parcels_gets_one_for_each_number(self):
        shipment = self.make_shipment()
        self.assign(self.park("ODD 8", "ODD 88"), shipment)
        self.assertEqual(len(shipment.package_ids), 2)
        self.assertFalse(shipment.package_ids.superseded_by_id)
        self.assertEqual(shipment.headline, "picked_up")

    def test_a_shipment_without_a_carrier_gets_that_of_the_events(self):
        shipment = self.make_shipment("A9", carrier_id=False)
        self.assign(self.park("ODD 9"), shipment)
        self.assertEqual(shipment.carrier_id, self.carrier)
        self.ingest(self.event("ODD 9", Code.DELIVERED, 60))
        self.assertEqual(shipment.headline, "delivered")

    def test_another_carrier_or_company_or_package_is_refused(self):
        other = self.env["shipment.carrier"].create({"code": "other", "name": "Other"})
        foreign = self.make_shipment("X9", company_id=self.elsewhere.id)
        self.manager.company_ids += self.elsewhere
        shipment = self.make_shipment("A10")
        parked = self.park("ODD 10")
        with self.assertRaisesRegex(UserError, "travels with Other"):
            self.assign(parked, self.make_shipment("O9", carrier_id=other.id))
        with self.assertRaisesRegex(UserError, "not of Elsewhere"):
            self.assign(parked, foreign)
        with self.assertRaisesRegex(UserError, "Choose a package"):
            self.assign(
                parked, shipment, package_id=self.make_shipment("B10").package_ids.id
            )
        self.assertFalse(parked.shipment_id)

    def test_events_of_two_carriers_are_refused(self):
        shipment = self.make_shipment("A11")
        parked = self.park("ODD 11") | self.park("ODD 12", carrier="second")
        with self.assertRaisesRegex(UserError, "one carrier at a time"):
            self.assign(parked, shipment)

    def test_a_number_of_another_parcel_is_not_taken_away(self):
        shipment = self.make_shipment("A12")
        parked = self.park("ODD 13")
        owner = self.make_shipment("odd13")
        with self.assertRaisesRegex(UserError, owner.name):
            self.assign(parked, shipment)
        self.assertEqual(owner.package_ids.tracking_number, "odd13")

    def test_events_that_have_their_shipment_are_refused(self):
        shipment = self.make_shipment("A13")
        self.ingest(self.event("A13", Code.PICKED_UP))
        with self.assertRaisesRegex(UserError, "already"):
            self.assign(shipment.milestone_ids, self.make_shipment("B13"))

    def test_users_do_not_assign(self):
        wizard = self.env["shipment.event.assign"].with_user(self.user)
        with self.assertRaises(AccessError):
            wizard.create({"shipment_id": self.make_shipment("A14").id})
