import phonenumbers

from odoo import api, models

from odoo.addons.shipment_visibility.canonical.schema import Address, Party


class ShipmentRequestBuilder(models.AbstractModel):
    """Who sends and who receives."""

    _inherit = "shipment.request.builder"

    @api.model
    def _get_warehouse_partner(self, warehouse, company):
        return warehouse.partner_id or company.partner_id

    @api.model
    def _party(self, partner, problems, strict=True):
        """A partner as shipper or consignee; ``None`` when that cannot be said.

        :param bool strict: whether it must be fit for a label, and not only for a price.
        """
        if not partner:
            problems.append(self.env._("There is no address to deliver to."))
            return None
        name = partner.name or partner.commercial_partner_id.name
        missing = self._missing_in_address(partner, strict)
        if missing:
            problems.append(
                self.env._(
                    "The address of %(partner)s has no %(fields)s.",
                    partner=name,
                    fields=", ".join(missing),
                )
            )
        phone = self._phone(partner, problems if strict else [])
        if not partner.country_id:
            return None
        return Party(
            name=name,
            company=partner.commercial_company_name or "",
            phone=phone,
            email=partner.email or "",
            address=Address(
                street=partner.street or "",
                street2=partner.street2 or "",
                city=partner.city or "",
                postal_code=partner.zip or "",
                state=partner.state_id.code or "",
                country=partner.country_id.code,
            ),
        )

    @api.model
    def _missing_in_address(self, partner, strict):
        country = partner.country_id
        needed = {"country_id": True}
        if strict:
            needed |= {
                "street": True,
                "city": True,
                "zip": country.zip_required,
                "state_id": country.state_required,
            }
        return [
            partner._fields[name]._description_string(self.env).lower()
            for name, is_needed in needed.items()
            if is_needed and not partner[name]
        ]

    @api.model
    def _phone(self, partner, problems):
        """The phone number in E.164, which carriers want; empty without one."""
        written = partner.phone
        if not written:
            return ""
        try:
            number = phonenumbers.parse(written, partner.country_id.code or None)
        except phonenumbers.NumberParseException:
            number = None
        if not number or not phonenumbers.is_possible_number(number):
            problems.append(
                self.env._(
                    "%(phone)s of %(partner)s is not a phone number.",
                    phone=written,
                    partner=partner.display_name,
                )
            )
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
