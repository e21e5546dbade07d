import base64
import re

from odoo import api, models
from odoo.exceptions import UserError

from .shipment_booking import LOCK_DELIVERIES
from .shipment_booking_desk import subject_digest

# As ``shipment.booking._new_key`` makes them.
OWN_KEY = re.compile(r"SHP-[0-9A-F]{24}")


def is_own_key(text):
    """Whether a carrier's reference could be one that this suite has given."""
    return bool(OWN_KEY.fullmatch(text or ""))


class ShipmentBooking(models.Model):
    """Bookings that were lost with a backup, and found again at the carrier."""

    _inherit = "shipment.booking"

    @api.model
    def _adopt(self, subject, answer):
        """Write down what was found at a carrier as answered, and commit.

        :param dict subject: as of :meth:`_open`, with the key it was bought under.
        :return: its ticket, or ``None`` when the deliveries have a booking, or it is known.
        """
        with self._own() as bookings:
            names = [f"{subject['kind']} {one}" for one in subject["picking_ids"]]
            bookings.env.cr.execute(LOCK_DELIVERIES, [names])
            if bookings._find_live([subject]) or bookings.search_count(
                [("key", "=", subject["key"])], limit=1
            ):
                return None
            booking = bookings._request_all([subject])
            booking.write({"state": "answered", "answer": base64.b64encode(answer)})
            return booking._ticket()

    def _keep_unclaimed(self):
        """Keep labels that no shipment bears, and commit.

        They were booked right before the backup, for a validation that came right after it.

        :return: those that are kept, also since earlier; the caller's transaction cannot see it.
        """
        booked = self.filtered(lambda b: b.state == "booked")
        shipments = self.env["shipment.shipment"].with_context(active_test=False)
        claimed = shipments.search([("booking_key", "in", booked.mapped("key"))])
        keys = set(claimed.mapped("booking_key"))
        unclaimed = booked.filtered(lambda b: b.key not in keys)
        for booking in unclaimed.filtered(lambda b: not b.is_found):
            self._move(booking._ticket(), ("booked",), "booked", is_found=True)
        return unclaimed


class ShipmentBookingDesk(models.AbstractModel):
    """What is different about a booking that was found: nobody knows what was asked for."""

    _inherit = "shipment.booking.desk"

    @api.model
    def _prepare_found(self, line, picking, booked):
        """As :meth:`_prepare_subject`, for a label that was found at the carrier.

        :param line: the ``shipment.recovery.line`` that tells of it
        :param booked: the carrier's answer as the adapter read it
        """
        account = line.account_id
        return {
            "name": picking.name,
            "kind": "outbound",
            "digest": subject_digest("outbound", picking.ids),
            "picking_ids": picking.ids,
            "parcel_references": [label.parcel_reference for label in booked.labels],
            "service": booked.service,
            "delivery_carrier_id": picking.carrier_id.id,
            "account_id": account.id,
            "account_name": account.name,
            "company_id": account.company_id.id,
            "user_id": self.env.uid,
            "user_name": self.env.user.name,
            "key": line.key,
            "asked_at": line.bought_at,
            "is_sent": True,
            "is_found": True,
        }

    @api.model
    def _check_found_fits(self, ticket, subject):
        """A label from before a backup was restored is used for the same parcels only.

        :raise UserError: the delivery is packed otherwise.
        """
        if sorted(ticket.parcel_references) != sorted(subject["parcel_references"]):
            raise UserError(
                self.env._(
                    "%(delivery)s: the label %(numbers)s was bought before the backup was "
                    "restored, for %(bought)s parcels; now there are %(packed)s. Pack as "
                    "many, or have a shipment manager cancel that label in Configuration "
                    "› Find Labels Bought Since.",
                    delivery=ticket.name,
                    numbers=ticket.numbers,
                    bought=len(ticket.parcel_references),
                    packed=len(subject["parcel_references"]),
                )
            )
