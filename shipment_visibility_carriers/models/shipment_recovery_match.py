import re
import unicodedata

from odoo import models
from odoo.exceptions import UserError

from ..adapters import base


class Doubt(UserError):
    """It is not certain that a label is for this delivery, or it cannot be used for it."""


class ShipmentRecoveryLine(models.Model):
    """For which delivery a label was bought, and keeping it for that one."""

    _inherit = "shipment.recovery.line"

    def _settle(self, adapter):
        """Keep the label for its delivery, or say why a person must decide.

        :raise base.Unavailable: the carrier cannot be asked now.
        :raise base.AuthFailed: nor later, before somebody does something.
        """
        self.ensure_one()
        booking = self._find_bookings([self.key]).get(self.key)
        if booking:
            # An earlier run was cut off after it had kept the label.
            self.write(self._prepare_kept(booking))
            return
        picking, words = self._find_delivery()
        if not picking:
            self.write({"state": "missing", "note": words})
            return
        self.picking_id = picking
        try:
            self._compare(picking)
            self._keep(adapter, picking)
        except (base.Unavailable, base.AuthFailed):
            raise
        except (UserError, base.CarrierError) as error:
            self.write({"state": "unsure", "note": str(error)})

    def _find_delivery(self):
        """The delivery whose name is on the label; else nothing, and what to say of it."""
        named = self.env["stock.picking"].search(
            [
                ("name", "=", self.reference),
                ("company_id", "=", self.company_id.id),
            ],
            limit=1,
        )
        if self.reference and not named:
            return named, self.env._(
                "%s does not exist here. It may have been made after the backup.",
                self.reference,
            )
        if named.create_date and named.create_date > self.bought_at:
            # A restored database gives out the same names again.
            return named.browse(), self.env._(
                "The %s there is today was made after this label was bought: it is "
                "another one.",
                self.reference,
            )
        return named, self.env._("The carrier does not say for which delivery it is.")

    def _compare(self, picking):
        """Compare whom the label names with whom the delivery is for.

        :raise Doubt: they differ, or it cannot be told.
        """
        partner = picking.partner_id
        ours = {
            _plain(name)
            for name in self.env["shipment.request.builder"]._names(partner)
        } - {""}
        name, code = _plain(self.consignee), _plain(self.postal_code)
        our_code = _plain(partner.zip)
        is_there = (
            self.country_code == partner.country_id.code
            # Carriers complete the ZIP codes of the US.
            and (code == our_code or our_code and code.startswith(our_code))
        )
        if not name or not is_there or name not in ours:
            raise Doubt(
                self.env._(
                    "The label is for %(receiver)s, the delivery of this name for "
                    "%(partner)s.",
                    receiver=self.receiver or self.env._("nobody the carrier tells of"),
                    partner=partner.display_name or self.env._("nobody"),
                )
            )

    def _check_delivery(self, picking):
        """Whether a delivery can still take the label.

        :raise Doubt: it cannot; says why.
        """
        method_sudo = picking.carrier_id.sudo()
        if picking.state == "cancel":
            why = self.env._("%s is cancelled.", picking.name)
        elif picking.carrier_tracking_ref:
            why = self.env._(
                "%(delivery)s has another label: %(numbers)s.",
                delivery=picking.name,
                numbers=picking.carrier_tracking_ref,
            )
        elif not picking._filter_bookable():
            why = self.env._(
                "%s has no delivery method that books labels.", picking.name
            )
        elif method_sudo.shipment_account_id != self.account_id:
            why = self.env._(
                "%(delivery)s would be booked through %(account)s. Choose the delivery "
                "method with which the label was bought.",
                delivery=picking.name,
                account=method_sudo.shipment_account_id.name,
            )
        elif picking._get_together() != picking:
            why = self.env._("%s leaves together with others.", picking.name)
        else:
            return
        raise Doubt(why)

    def _keep(self, adapter, picking):
        """Make the label a booking that the delivery's next validation takes.

        :raise Doubt: it cannot be used for it.
        :raise base.CarrierError: the carrier does not hand it out.
        """
        self._check_delivery(picking)
        answer = adapter.find_by_reference(self.key)
        if answer is None:
            raise Doubt(
                self.env._("The carrier lists the label, but does not find it.")
            )
        booked = adapter.parse_booking(answer)
        desk = self.env["shipment.booking.desk"].with_user(self.recovery_id.user_id)
        ticket = self.env["shipment.booking"]._adopt(
            desk.sudo()._prepare_found(self, picking, booked), answer
        )
        if not ticket:
            raise Doubt(self.env._("%s has a booking already.", picking.name))
        desk.sudo()._read(ticket, adapter, answer)
        self.write(
            {
                "picking_id": picking.id,
                "state": "kept",
                "numbers": ", ".join(one.tracking_number for one in booked.labels),
                "note": self.env._(
                    "Its next validation takes this label; nothing is bought again."
                ),
            }
        )
        picking.message_post(
            body=self.env._(
                "The label %s was bought before the backup was restored. It is kept for "
                "this delivery; nothing is bought again.",
                self.numbers,
            )
        )
        picking._filter_without_label().action_book_label()


def _plain(text):
    """A name or a postal code without what is written now this way, now that."""
    # Accents become characters of their own, and are left out with all that is no letter.
    apart = unicodedata.normalize("NFKD", text or "")
    return re.sub(r"[\W_]+", "", apart).casefold()
