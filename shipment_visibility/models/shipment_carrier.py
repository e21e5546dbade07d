import re

from odoo import api, fields, models

PLACEHOLDER = "{tracking_number}"
# What people and systems put between the digits of a number.
SEPARATORS = re.compile(r"[\s.\-_/]+")


class ShipmentCarrier(models.Model):
    """One transporting company. Delivery methods and accounts are ways to reach it."""

    _name = "shipment.carrier"
    _description = "Carrier"
    _order = "name, id"

    name = fields.Char(required=True)
    code = fields.Char(
        required=True,
        help="By which events name this carrier. Never change it once it is in use.",
    )
    active = fields.Boolean(default=True)
    tracking_url = fields.Char(
        string="Tracking Page",
        help="Address of the public tracking page, with {tracking_number} in place of "
        "the number.",
    )

    is_aggregator = fields.Boolean(
        string="Reports for Other Carriers",
        help="Its events may be about parcels that another carrier transports.",
    )

    _code_uniq = models.UniqueIndex("(code)", "Another carrier has this code.")

    @api.model
    def _normalise_number(self, number):
        """Return a tracking number as it is compared: upper case, without separators."""
        return SEPARATORS.sub("", number or "").upper()

    @api.model
    def _distinct_numbers(self, numbers):
        """Return numbers as they were written, each once however it was written."""
        distinct = {}
        for number in numbers:
            if normalised := self._normalise_number(number):
                distinct.setdefault(normalised, number.strip())
        return list(distinct.values())

    def _tracking_link(self, number):
        """Return the address of the public page of a number, or False."""
        if not (self.tracking_url and number):
            return False
        return self.tracking_url.replace(PLACEHOLDER, number)

    @api.model
    def _get_or_create(self, code, name, **vals):
        """Return the carrier with this code, created when there is none."""
        carrier = self.with_context(active_test=False).search([("code", "=", code)])
        return carrier or self.create({"code": code, "name": name, **vals})
