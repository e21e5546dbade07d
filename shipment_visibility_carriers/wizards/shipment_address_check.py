from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.address import is_same

from ..adapters import base
from ..models.shipment_address_mixin import ADDRESS_PARTS


class ShipmentAddressCheck(models.TransientModel):
    """An address as it is written, beside what the carrier suggests."""

    _name = "shipment.address.check"
    _description = "Check Address"

    picking_id = fields.Many2one("stock.picking", string="Delivery", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Address", readonly=True)
    account_id = fields.Many2one("shipment.carrier.account", readonly=True)
    message = fields.Text(readonly=True)
    line_ids = fields.One2many("shipment.address.check.line", "check_id", readonly=True)

    @api.model
    def _open(self, record):
        """Ask the carrier about a record's address; open only when there is something to choose.

        :param record: an order or a delivery.
        :raise UserError: the carrier cannot be asked.
        """
        partner = record._get_shipment_partner()
        account = record.carrier_id.sudo().shipment_account_id
        address = self._get_address(partner)
        try:
            suggestions = account._adapter().validate_address(address)
            words = self.env._(
                "%s does not know this address.", account.carrier_id.name
            )
        except base.Refused as error:
            suggestions, words = (), str(error)
        except base.CarrierError as error:
            raise UserError(str(error)) from None
        if suggestions and is_same(suggestions[0], address):
            record._keep_address_check("confirmed", account)
            return self._notify(account)
        field = "order_id" if record._name == "sale.order" else "picking_id"
        check = self.create(
            {
                field: record.id,
                "partner_id": partner.id,
                "account_id": account.id,
                "message": False if suggestions else words,
                "line_ids": [
                    Command.create(vals)
                    for vals in (
                        self._prepare_written(partner),
                        *map(self._prepare_suggestion, suggestions),
                    )
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check Address"),
            "res_model": self._name,
            "res_id": check.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _get_address(self, partner):
        builder = self.env["shipment.request.builder"]
        if not partner.country_id:
            raise UserError(self.env._("The address has no country."))
        return builder._address(partner)

    @api.model
    def _notify(self, account):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%s confirms this address.", account.carrier_id.name
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _prepare_written(self, partner):
        vals = {
            name: partner._fields[name].convert_to_write(partner[name], partner)
            for name in ADDRESS_PARTS
        }
        return {"is_written": True, **vals}

    @api.model
    def _prepare_suggestion(self, address):
        country = self.env["res.country"].search(
            [("code", "=", address.country)], limit=1
        )
        state = self.env["res.country.state"].search(
            [("code", "=", address.state), ("country_id", "=", country.id)], limit=1
        )
        return {
            "street": address.street,
            "street2": address.street2,
            "city": address.city,
            "zip": address.postal_code,
            "state_id": state.id,
            "country_id": country.id,
        }

    def _get_record(self):
        return self.order_id or self.picking_id


class ShipmentAddressCheckLine(models.TransientModel):
    _name = "shipment.address.check.line"
    _description = "Suggested Address"
    _order = "is_written desc, id"

    check_id = fields.Many2one(
        "shipment.address.check", required=True, ondelete="cascade"
    )
    is_written = fields.Boolean()
    street = fields.Char()
    street2 = fields.Char()
    city = fields.Char()
    zip = fields.Char()
    state_id = fields.Many2one("res.country.state")
    country_id = fields.Many2one("res.country")
    card = fields.Html(compute="_compute_card")

    @api.depends(*ADDRESS_PARTS)
    def _compute_card(self):
        """The address, with what differs from the written one in bold."""
        for line in self:
            written = line.check_id.line_ids.filtered("is_written")
            parts = []
            for name in ADDRESS_PARTS:
                text, before = line._say(name), written._say(name)
                if not text:
                    continue
                differs = text.casefold() != before.casefold()
                style = ' class="fw-bold text-success"' if differs else ""
                parts.append(Markup(f"<div{style}>%s</div>") % text)
            line.card = Markup("").join(parts)

    def _say(self, name):
        value = self[name]
        return value.display_name if isinstance(value, models.Model) else value or ""

    def action_choose(self):
        """Take this address: write it on the contact, or keep what is there."""
        self.ensure_one()
        check = self.check_id
        record = check._get_record()
        record.check_access("write")
        if self.is_written:
            record._keep_address_check("kept", check.account_id)
        else:
            self._write_address(check.partner_id)
            record._keep_address_check("corrected", check.account_id)
        return {"type": "ir.actions.act_window_close"}

    def _write_address(self, partner):
        """Write it with the user's own rights, and keep the old one in the chatter."""
        before = partner._display_address(without_company=True)
        partner.write(
            {
                name: self._fields[name].convert_to_write(self[name], self) or False
                for name in ADDRESS_PARTS
            }
        )
        lines = [line for line in before.split("\n") if line.strip()]
        partner.message_post(
            body=self.env._(
                "Address corrected as %(carrier)s suggests. It was: %(address)s",
                carrier=self.check_id.account_id.carrier_id.name,
                address=", ".join(lines),
            )
        )
