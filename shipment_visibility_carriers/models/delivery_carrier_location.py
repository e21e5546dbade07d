from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import Address

from ..adapters import base
from .delivery_carrier import TYPE

WEEK = range(1, 8)


class DeliveryCarrier(models.Model):
    """Drop-off points where Odoo's own selector of pick-up points looks for them."""

    _inherit = "delivery.carrier"

    shipment_use_drop_off_points = fields.Boolean(
        string="Deliver to Drop-off Points",
        help="The customer chooses the shop or locker where the parcel can be fetched.",
    )
    shipment_offers_drop_off_points = fields.Boolean(
        compute="_compute_shipment_offers_drop_off_points"
    )
    # The name is Odoo's: <delivery type>_use_locations.
    shipment_visibility_use_locations = fields.Boolean(
        compute="_compute_shipment_offers_drop_off_points"
    )

    @api.depends(
        "shipment_account_id.adapter", "delivery_type", "shipment_use_drop_off_points"
    )
    def _compute_shipment_offers_drop_off_points(self):
        for method in self:
            adapter = method.delivery_type == TYPE and method._shipment_adapter_class()
            offers = bool(
                adapter
                and "drop_off_points" in adapter.capabilities()
                and "drop_off_point" in adapter.features
            )
            method.shipment_offers_drop_off_points = offers
            method.shipment_visibility_use_locations = (
                offers and method.shipment_use_drop_off_points
            )

    def _shipment_visibility_get_close_locations(self, partner_address, **kwargs):
        """Called by Odoo: the points near an address, as its selector shows them.

        :raise UserError: the carrier cannot be asked, in its words; Odoo shows them.
        """
        self.ensure_one()
        if not partner_address.country_id:
            raise UserError(self.env._("Choose the country of the address first."))
        address = Address(
            street=partner_address.street or "",
            street2=partner_address.street2 or "",
            city=partner_address.city or "",
            postal_code=partner_address.zip or "",
            state=partner_address.state_id.code or "",
            country=partner_address.country_id.code,
        )
        # A visitor of the shop may ask, and reads no account.
        account_sudo = self.sudo().shipment_account_id
        try:
            points = account_sudo._adapter().drop_off_points(address)
        except base.CarrierError as error:
            raise UserError(str(error)) from None
        return [self._prepare_location(point) for point in points]

    def _prepare_location(self, point):
        """A point in the words of Odoo's selector, all of them texts."""
        address = point.address
        return {
            "id": point.id,
            "name": point.name,
            "street": address.street,
            "city": address.city,
            "zip_code": address.postal_code,
            "state": address.state,
            "country_code": address.country,
            "latitude": "" if point.latitude is None else str(point.latitude),
            "longitude": "" if point.longitude is None else str(point.longitude),
            "opening_hours": {
                # Odoo counts the days from 0, a carrier's from 1.
                str(day - 1): _hours(point.opening_hours.get(day))
                for day in WEEK
            },
            "additional_data": {"distance_km": str(point.distance_km or "")},
        }


def _hours(text):
    return [part.strip() for part in text.split(",")] if text else []
