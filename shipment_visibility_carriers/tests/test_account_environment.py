from odoo.exceptions import UserError, ValidationError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common import CarriersCommon

SECRET = "sk_live_do_not_show_4711"


@tagged("post_install", "-at_install")
class TestAccountEnvironment(CarriersCommon):
    """Test and production are apart, and a copy of a database is neither."""

    # === TEST AND PRODUCTION === #

    def test_an_account_that_booked_keeps_environment_and_connection(self):
        self._create_picking().button_validate()
        self.account.invalidate_recordset()
        self.assertTrue(self.account.has_booked)
        other = self.env["res.company"].create({"name": "Other"})
        for values in ({"environment": "production"}, {"company_id": other.id}):
            with (
                self.subTest(values),
                self.assertRaisesRegex(UserError, "Connect a new account"),
            ):
                self.account.write(values)
        self.account.write({"environment": "test", "name": "Renamed", "timeout": 20})
        self.assertEqual(self.account.name, "Renamed")

    def test_a_refused_booking_binds_nobody(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-REFUSE"))
        with self._raises():
            self.method.send_shipping(picking)
        self.assertFalse(self.account.has_booked)
        self.account.environment = "production"

    def test_a_key_of_the_test_environment_is_never_used_in_production(self):
        self.account.credentials = {"api_key": SECRET}
        self.account.environment = "production"
        self.assertFalse(self.account.credentials)
        form = {**self.account.credential_form, "values": {"api_key": "live"}}
        self.account.write({"environment": "test", "credential_form": form})
        self.assertEqual(self.account.credentials, {"api_key": "live"})

    def test_whoever_changes_the_environment_is_warned(self):
        self.account.credentials = {"api_key": SECRET}
        with (
            self.assertLogs("odoo.tests.form.onchange", level="WARNING") as logs,
            Form(self.account) as form,
        ):
            form.environment = "production"
        self.assertIn("credentials of their own", logs.output[0])

    def test_odoos_switch_says_what_the_account_is(self):
        self.assertFalse(self.method.prod_environment)
        self.method.toggle_prod_environment()
        self.assertFalse(self.method.prod_environment)
        self.account.environment = "production"
        self.assertTrue(self.method.prod_environment)
        fixed = self.env["delivery.carrier"].create(
            {"name": "Van", "product_id": self.delivery_product.id}
        )
        fixed.toggle_prod_environment()
        self.assertTrue(fixed.prod_environment)

    def test_what_is_only_a_test_is_marked(self):
        picking = self._create_picking()
        as_packer = picking.with_user(self.packer)
        self.assertTrue(as_packer.shipment_is_test)
        picking.button_validate()
        self.assertEqual(picking.shipment_ids.account_environment, "test")
        real = self.account.copy({"environment": "production", "name": "Real"})
        method = self._create_method("express", shipment_account_id=real.id)
        other = self._create_picking(method=method)
        self.assertFalse(other.shipment_is_test)
        other.button_validate()
        Shipment = self.env["shipment.shipment"].with_user(self.packer)
        both = picking.shipment_ids | other.shipment_ids
        for environment, expected in (("test", picking), ("production", other)):
            found = Shipment.search([("account_environment", "=", environment)])
            self.assertEqual(found.sudo() & both, expected.shipment_ids)
        unlike = Shipment.search([("account_environment", "!=", "test")])
        self.assertEqual(unlike.sudo() & both, other.shipment_ids)
        # What was booked counts, not what the method has become since.
        self.method.shipment_account_id = real
        picking.invalidate_recordset()
        self.assertTrue(picking.shipment_is_test)

    # === NEUTRALIZED === #

    def test_a_neutralized_copy_ships_nothing_and_keeps_no_secret(self):
        self.account.credentials = {"api_key": SECRET}
        self.env["shipment.account.connect"].create(
            {"adapter": "sandbox", "credentials": {"api_key": SECRET}}
        )
        unsure = self._create_picking(partner=self._spoil("SANDBOX-BOOK-TIMEOUT"))
        with self._raises():
            self.method.send_shipping(unsure)
        job = self._waiting_job()
        self._neutralize()
        self.assertFalse(self.account.active)
        self.assertFalse(self.account.credentials)
        self.assertEqual(self.account.environment, "test")
        self.assertFalse(self.env["shipment.account.connect"].search([]))
        self.assertFalse(self.method.active)
        self.assertEqual(job.state, "cancelled")
        self.assertFalse(
            self.env["shipment.booking"].search(
                [("state", "not in", ("booked", "refused", "voided"))]
            )
        )
        self.env.cr.execute(
            "SELECT count(*) FROM shipment_carrier_account WHERE credentials::text LIKE %s",
            [f"%{SECRET}%"],
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_typing_credentials_again_does_not_wake_a_neutralized_copy(self):
        self._neutralize()
        calls = self._count("rate")
        self.account.write(
            {
                "active": True,
                "credentials": {"api_key": SECRET, "base_url": "http://127.0.0.1:1"},
            }
        )
        notice = self.account.action_test_connection()["params"]
        self.assertEqual(notice["type"], "danger")
        self.assertIn("neutralized copy", notice["message"])
        self.assertEqual(self.account.test_outcome, "failed")
        wizard = self.env["shipment.account.connect"].create(
            {
                "adapter": "sandbox",
                "credentials": {"base_url": "http://127.0.0.1:1"},
            }
        )
        wizard.action_connect()
        self.assertIn("neutralized copy", wizard.problem)
        self.assertFalse(calls)

    def test_a_neutralized_copy_can_still_play_with_the_sandbox(self):
        self._neutralize()
        self.account.active = True
        self.method.active = True
        picking = self._create_picking()
        picking.button_validate()
        self.assertTrue(picking.carrier_tracking_ref)

    # === PACKAGE TYPES === #

    def test_put_in_pack_offers_only_what_the_carrier_takes(self):
        types = self.env["stock.package.type"].create(
            [
                self._package_type("Own box", False),
                self._package_type("Sandbox tube", "sandbox"),
            ]
        )
        foreign = self._foreign_package_type()
        other_type = self.env["stock.package.type"].create(
            {"name": "Odoo's", "package_carrier_type": "none"}
        )
        self.warehouse.out_type_id.set_package_type = True
        picking = self._create_picking()
        action = picking.action_put_in_pack()
        context = action["context"]
        self.assertEqual(context["default_shipment_adapter"], "sandbox")
        form = Form.from_action(self.env, action)
        (field,) = form._view["tree"].xpath("//field[@name='package_type_id']")
        domain = safe_eval(
            field.get("domain"),
            {
                "package_carrier_type": form.package_carrier_type,
                "shipment_adapter": form.shipment_adapter,
            },
        )
        offered = self.env["stock.package.type"].search(domain)
        self.assertLessEqual(types, offered)
        self.assertFalse(offered & (foreign | other_type))
        form.package_type_id = types[1]
        form.save().action_put_in_pack()
        self.assertEqual(
            picking.move_line_ids.result_package_id.package_type_id, types[1]
        )

    def test_a_method_takes_no_package_type_of_another_carrier(self):
        self.method.shipment_package_type_id = self.env["stock.package.type"].create(
            self._package_type("Own box", False)
        )
        with self.assertRaisesRegex(ValidationError, "another carrier"):
            self.method.shipment_package_type_id = self._foreign_package_type()

    def test_a_package_type_of_another_connector_has_no_connection_of_ours(self):
        package_type = self.env["stock.package.type"].create(
            self._package_type("Tube", "sandbox")
        )
        package_type.package_carrier_type = "none"
        self.assertFalse(package_type.shipment_adapter)

    # === HELPERS === #

    def _neutralize(self):
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def _waiting_job(self):
        delayed = self.env["shipment.shipment"].with_delay(eta=3600)._cron_watch()
        return self.env["queue.job"].search([("uuid", "=", delayed.uuid)])

    def _package_type(self, name, adapter):
        return {
            "name": name,
            "package_carrier_type": "shipment_visibility",
            "shipment_adapter": adapter,
        }

    def _foreign_package_type(self):
        package_type = self.env["stock.package.type"].create(
            self._package_type("Foreign", False)
        )
        self.env.flush_all()
        # As of an adapter whose addon is not loaded by this test.
        self.env.cr.execute(
            "UPDATE stock_package_type SET shipment_adapter = 'parrot' WHERE id = %s",
            [package_type.id],
        )
        package_type.invalidate_recordset()
        return package_type
