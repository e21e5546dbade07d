import json

from odoo import Command, api, fields, models
from odoo.tools import format_list

DAYS_OF_WEEK = 7


class ShipmentDropOffChoice(models.TransientModel):
    """Choose where the customer of an order fetches the parcel, as the shop lets them."""

    _name = "shipment.drop.off.choice"
    _description = "Choose a Drop-off Point"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    zip = fields.Char(string="Near Postal Code")
    country_id = fields.Many2one("res.country")
    error = fields.Char(readonly=True)
    line_ids = fields.One2many("shipment.drop.off.choice.line", "choice_id")

    @api.model
    def _open_for(self, order):
        """Open the choice with the points near the order's delivery address."""
        address = order.partner_shipping_id
        choice = self.create(
            {
                "order_id": order.id,
                "zip": address.zip,
                "country_id": address.country_id.id,
            }
        )
        choice._search_points(is_own_address=True)
        return choice._reopen()

    def action_search(self):
        """Look for points near another postal code."""
        self._search_points()
        return self._reopen()

    def _search_points(self, is_own_address=False):
        near = {} if is_own_address else {"zip_code": self.zip}
        found = self.order_id._get_pickup_locations(country=self.country_id, **near)
        self.write(
            {
                "error": found.get("error"),
                "line_ids": [
                    Command.clear(),
                    *(
                        Command.create(self._prepare_line(location))
                        for location in found.get("pickup_locations", ())
                    ),
                ],
            }
        )

    def _prepare_line(self, location):
        place = " ".join(filter(None, (location["zip_code"], location["city"])))
        return {
            "name": location["name"],
            "address": ", ".join(filter(None, (location["street"], place))),
            "distance": float(location["additional_data"].get("distance_km") or 0),
            "hours": self._say_hours(location["opening_hours"]),
            "location": json.dumps(location),
        }

    def _say_hours(self, hours):
        """Opening hours, days with the same hours together."""
        names = [
            name
            for _key, name in self.env["res.lang"]
            ._fields["week_start"]
            ._description_selection(self.env)
        ]
        said = []
        for day in range(DAYS_OF_WEEK):
            text = ", ".join(hours.get(str(day)) or ())
            if text and said and said[-1][1] == text and said[-1][2] == day - 1:
                said[-1][2] = day
            elif text:
                said.append([day, text, day])
        return format_list(
            self.env,
            [
                f"{names[first]}: {text}"
                if first == last
                else f"{names[first]} – {names[last]}: {text}"
                for first, text, last in said
            ],
            "unit",
        )

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Choose a Drop-off Point"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class ShipmentDropOffChoiceLine(models.TransientModel):
    """One point to choose."""

    _name = "shipment.drop.off.choice.line"
    _description = "Drop-off Point to Choose"
    _order = "distance, id"

    choice_id = fields.Many2one(
        "shipment.drop.off.choice", required=True, ondelete="cascade"
    )
    name = fields.Char(readonly=True)
    address = fields.Char(readonly=True)
    distance = fields.Float(string="Distance (km)", digits=(6, 1), readonly=True)
    hours = fields.Char(string="Opening Hours", readonly=True)
    location = fields.Char(readonly=True)

    def action_choose(self):
        """Have the parcel delivered to this point."""
        self.ensure_one()
        order = self.choice_id.order_id
        order.check_access("write")
        order._set_pickup_location(self.location)
        return {"type": "ir.actions.act_window_close"}
