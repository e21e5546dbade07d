import uuid

from odoo import fields, models
from odoo.exceptions import UserError

from ..adapters import base


class StockPicking(models.Model):
    """Another label for what has left already, and one label for several deliveries."""

    _inherit = "stock.picking"

    shipment_together = fields.Char(
        string="Leaves Together",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Deliveries with the same value are booked as one shipment.",
    )

    def action_correct_label(self):
        """Open where box, weight and method are corrected."""
        return self.env["shipment.label.correct"]._open(self)

    def _correct_label(self):
        """Void the label, book the delivery again as it is now, and say so.

        The label is cancelled by booking other content; the same content is refused. Where
        the old one is void and no new one can be had, the delivery waits for it.

        :raise UserError: nothing was changed, and why.
        """
        self.ensure_one()
        picking_sudo = self.sudo()
        before_sudo = self._get_booked_shipments()
        numbers = before_sudo.tracking_numbers
        picking_sudo._check_label_can_be_booked()
        # Odoo adds further numbers to a reference, and here the old one is void.
        chain_sudo = self._get_transfer_chain().sudo()
        chain_sudo._drop_tracking_numbers(
            before_sudo.package_ids.mapped("tracking_number")
        )
        try:
            picking_sudo.with_context(shipment_booking_job=True).send_to_shipper()
        except UserError as error:
            if not before_sudo._is_label_void():
                raise
            # It is void at the carrier whatever happens here: so it must be here, too.
            before_sudo._end_voided_label()
            picking_sudo._go_on_without_label(error)
            return
        after_sudo = self._get_booked_shipments()
        if after_sudo == before_sudo:
            raise UserError(
                self.env._("Nothing has changed, so the label %s stays.", numbers)
            )
        # No amounts: the warehouse reads it. What it costs stands with the shipments.
        self.message_post(
            body=self.env._(
                "Label corrected: %(before)s became %(after)s.",
                before=numbers,
                after=after_sudo.tracking_numbers,
            )
        )

    def _check_label_can_be_booked(self):
        """Ask the carrier's price before the old label is given up.

        :raise UserError: what is wrong with the delivery, or the carrier's refusal.
        """
        method = self.carrier_id
        request = method._prepare_shipment_wish(self).request
        account = method.shipment_account_id
        adapter = account._adapter(budget=account.timeout)
        if not adapter.offers("rate"):
            return
        try:
            method._pick_shipment_quote(adapter.rate(request))
        except base.CarrierError as error:
            words = f"{self.name}: {error}"
            raise UserError(words) from None

    def _get_label_action(self):
        """What prints the new label, or nothing when it prints by itself."""
        return self.action_print_shipment_labels() if self.shipment_has_label else None

    # === SEVERAL DELIVERIES, ONE SHIPMENT === #

    def action_ship_together(self):
        """Book several deliveries for one address as one shipment.

        :raise UserError: they do not go together, or cannot be booked; says why.
        """
        self.check_access("write")
        self._check_together()
        self.shipment_together = str(uuid.uuid4())
        if self[:1].state != "done":
            return self.button_validate()
        for picking in self:
            picking.send_to_shipper()
        return self.env["shipment.shipment"]._action_of(self.shipment_ids)

    def _get_together(self):
        """The deliveries that leave with this one, as one shipment; at least itself."""
        self.ensure_one()
        booked = self._get_booked_shipments().filtered(
            lambda shipment: self in shipment.picking_ids
        )
        # In one order, whoever asks: it decides the references of the parcels.
        if booked:
            return booked[:1].picking_ids.sorted("id")
        if not self.shipment_together:
            return self
        together = self | self.search(
            [
                ("shipment_together", "=", self.shipment_together),
                ("state", "=", "done"),
                ("carrier_tracking_ref", "=", False),
                ("company_id", "=", self.company_id.id),
            ]
        )
        return together.sorted("id")

    def action_ship_apart(self):
        """Forget that these deliveries were to leave together."""
        self.shipment_together = False

    def _check_together(self):
        """Tell all reasons why these deliveries cannot be one shipment.

        :raise UserError: there are some.
        """
        problems = []
        if len(self) < 2:
            problems.append(self.env._("Select at least two deliveries."))
        if len(self.carrier_id) != 1 or any(not p.carrier_id for p in self):
            problems.append(
                self.env._("They must have one and the same delivery method.")
            )
        if labelled := self.filtered("carrier_tracking_ref"):
            problems.append(
                self.env._(
                    "There are labels already: %s.", ", ".join(labelled.mapped("name"))
                )
            )
        if len(set(self.mapped("state"))) > 1:
            problems.append(self.env._("Either all are done, or none is."))
        if not problems and self != self._filter_bookable():
            problems.append(self.env._("Their delivery method books no labels."))
        if problems:
            raise UserError("\n".join(problems))
