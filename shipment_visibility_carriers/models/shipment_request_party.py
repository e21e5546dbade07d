import phonenumbers

from odoo import api, models
from odoo.tools import email_normalize_all

from odoo.addons.shipment_visibility.canonical.address import (
    is_postal_code,
    needs_postal_code,
)
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
        name, company = self._names(partner)
        missing = self._missing_in_address(partner, strict)
        if missing:
            problems.append(
                self.env._(
                    "The address of %(partner)s has no %(fields)s.",
                    partner=name or partner.display_name,
                    fields=", ".join(missing),
                )
            )
        self._check_postal_code(partner, problems)
        # A price needs neither phone nor e-mail.
        minor = problems if strict else []
        phone = self._phone(partner, minor)
        email = self._email(partner, minor)
        if not partner.country_id:
            return None
        return Party(
            name=name,
            company=company,
            phone=phone,
            email=email,
            address=self._address(partner),
        )

    @api.model
    def _names(self, partner):
        """Who receives it, and at which company; at a drop-off point that is its name."""
        if partner.is_pickup_location and partner.parent_id:
            return partner.parent_id.name or "", partner.name or ""
        name = partner.name or partner.commercial_partner_id.name or ""
        return name, partner.commercial_company_name or ""

    @api.model
    def _address(self, partner):
        """Where it goes, as a carrier is asked about it. The country must be there."""
        return Address(
            street=partner.street or "",
            street2=partner.street2 or "",
            city=partner.city or "",
            postal_code=partner.zip or "",
            state=partner.state_id.code or "",
            country=partner.country_id.code,
        )

    @api.model
    def _missing_in_address(self, partner, strict):
        country = partner.country_id
        needed = {"country_id": True}
        if strict:
            needed |= {
                "street": True,
                "city": True,
                "zip": country.zip_required and needs_postal_code(country.code or ""),
                "state_id": country.state_required,
            }
        missing = [
            partner._fields[name]._description_string(self.env).lower()
            for name, is_needed in needed.items()
            if is_needed and not partner[name]
        ]
        if strict and not any(self._names(partner)):
            missing.insert(0, partner._fields["name"]._description_string(self.env))
        return missing

    @api.model
    def _check_postal_code(self, partner, problems):
        country = partner.country_id
        if partner.zip and country and not is_postal_code(partner.zip, country.code):
            problems.append(
                self.env._(
                    "“%(zip)s” of %(partner)s is not a postal code of %(country)s.",
                    zip=partner.zip,
                    partner=partner.display_name,
                    country=country.name,
                )
            )

    @api.model
    def _email(self, partner, problems):
        """The first of a partner's addresses; empty without one."""
        emails = email_normalize_all(partner.email or "")
        if partner.email and not emails:
            problems.append(
                self.env._(
                    "“%(email)s” of %(partner)s is not an e-mail address.",
                    email=partner.email,
                    partner=partner.display_name,
                )
            )
        return emails[0] if emails else ""

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
