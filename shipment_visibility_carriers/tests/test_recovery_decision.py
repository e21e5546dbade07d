from odoo.tests import new_test_user, tagged

from .recovery_common import RecoveryCommon


@tagged("post_install", "-at_install")
class TestRecoveryDecision(RecoveryCommon):
    """What a person does with a label of which the suite is not certain."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            login="recovery_manager",
            groups="shipment_visibility.shipment_group_manager,stock.group_stock_user",
        )

    def doubtful(self):
        """A label whose receiver is not quite the delivery's."""
        picking = self._create_picking()
        self.number = self.ship_and_forget(picking)
        self.memory.change(self.only_purchase().key, consignee="M. Exemple")
        recovery = self.new_recovery().with_user(self.manager)
        recovery.action_search()
        self.run_jobs(recovery.sudo())
        line = recovery.open_line_ids
        self.assertEqual((line.state, line.picking_id), ("unsure", picking))
        return picking, line

    def test_a_person_keeps_it_for_the_delivery(self):
        picking, line = self.doubtful()
        line.action_keep()
        self.assertEqual(line.state, "kept")
        picking.button_validate()
        self.assertEqual(picking.carrier_tracking_ref, self.number)
        self.assertEqual(len(self.memory.sold), 1)

    def test_a_person_names_another_delivery(self):
        picking, line = self.doubtful()
        other = self._create_picking()
        line.picking_id = other
        line.action_keep()
        self.assertEqual(self._booking(other).state, "booked")
        self.assertFalse(self._booking(picking))

    def test_it_is_kept_for_one_delivery_only(self):
        _picking, line = self.doubtful()
        line.action_keep()
        with self._raises("decided"):
            line.action_keep()

    def test_a_delivery_that_has_a_label_takes_no_other(self):
        picking, line = self.doubtful()
        picking.button_validate()
        with self._raises("another label"):
            line.action_keep()

    def test_a_person_cancels_it_at_the_carrier(self):
        picking, line = self.doubtful()
        line.action_void()
        self.assertEqual(self.memory.voided, [line.remote_id])
        self.assertEqual(line.state, "voided")
        self.assertIn(self.manager.name, line.note)
        picking.button_validate()
        self.assertNotEqual(picking.carrier_tracking_ref, self.number)

    def test_what_is_kept_can_still_be_cancelled_and_is_bought_anew(self):
        picking, line = self.doubtful()
        line.action_keep()
        line.action_void()
        self.assertEqual(self._booking(picking).state, "voided")
        picking.button_validate()
        self.assertNotEqual(picking.carrier_tracking_ref, self.number)

    def test_what_a_shipment_bears_is_cancelled_on_its_delivery(self):
        picking, line = self.doubtful()
        line.action_keep()
        picking.button_validate()
        with self._raises("cancel the label of"):
            line.action_void()
        self.assertFalse(self.memory.voided)

    def test_the_carriers_no_is_told(self):
        _picking, line = self.doubtful()
        self.memory.sold.clear()
        with self._raises("There is no such shipment"):
            line.action_void()
        self.assertEqual(line.state, "unsure")
