from decimal import Decimal

from odoo import api, models

from odoo.addons.shipment_visibility.canonical.customs import duties_payer
from odoo.addons.shipment_visibility.canonical.schema import (
    Billing,
    Money,
    Options,
    Payer,
)

from .shipment_options import OPTIONS


class ShipmentRequestBuilder(models.AbstractModel):
    """What is asked beside the transport, and who pays."""

    _inherit = "shipment.request.builder"

    @api.model
    def _terms_of_return(self):
        """What was agreed on for the way out says nothing about the way back."""
        return {
            "freight": Billing(),
            "duties": None,
            "options": Options(),
            "contents": "return",
        }

    @api.model
    def _terms(self, method, record, parts, problems):
        """The parts of a request that an order or a delivery chooses.

        :param parts: what is known of the request so far.
        """
        partner = (
            record.partner_shipping_id
            if record._name == "sale.order"
            else record.partner_id
        )
        crosses = self._crosses_border(parts)
        return {
            "duties": self._duties(method, record, parts["incoterm"], partner, problems)
            if crosses
            else None,
            "freight": self._billing(
                method,
                Payer(record.shipment_freight_payer or "shipper"),
                record.shipment_freight_account_id,
                partner,
                problems,
            ),
            "options": Options(
                # A method that is only thought up for a question says nothing.
                signature=record.shipment_signature
                or method.shipment_signature
                or "none",
                saturday=record.shipment_saturday or method.shipment_saturday,
                drop_off_point=self._drop_off_point(record),
            ),
            "contents": record.shipment_contents or "merchandise",
        }

    @api.model
    def _drop_off_point(self, record):
        if record._name == "sale.order":
            return record._prepare_shipment_options()["shipment_drop_off_point"] or ""
        return record.shipment_drop_off_point or ""

    @api.model
    def _duties(self, method, record, incoterm, partner, problems):
        """Who pays duties and taxes of what crosses a customs border.

        ``None`` where the carrier collects them from the receiver, as it does without being
        told.
        """
        by_terms = duties_payer(incoterm)
        payer = Payer(record.shipment_duties_payer or by_terms)
        account = record.shipment_duties_account_id
        if payer == Payer.RECEIVER and not account:
            return None if by_terms == payer else Billing(payer=payer)
        return self._billing(method, payer, account, partner, problems)

    @api.model
    def _billing(self, method, payer, account, partner, problems):
        if payer == Payer.SHIPPER:
            return Billing()
        carriers = method.shipment_account_id._get_reported_carriers()
        if not account and payer == Payer.RECEIVER:
            account = self._only_account(partner, carriers)
        if not account:
            problems.append(
                self.env._(
                    "%(payer)s is to pay the carrier: choose the payer's account at "
                    "%(carrier)s.",
                    payer=partner.commercial_partner_id.name
                    if payer == Payer.RECEIVER
                    else self.env._("A third party"),
                    carrier=carriers[:1].name,
                )
            )
            return Billing(payer=payer)
        if account.carrier_id not in carriers:
            problems.append(
                self.env._(
                    "The payer's account %(account)s is not one at %(carrier)s.",
                    account=account.display_name,
                    carrier=carriers[:1].name,
                )
            )
        return Billing(
            payer=payer,
            account_number=account.number,
            postal_code=account.zip or "",
            country=account.country_id.code or None,
        )

    @api.model
    def _only_account(self, partner, carriers):
        """The one account that the receiver has there; none when it is not clear which."""
        accounts = (
            partner.commercial_partner_id | partner
        ).shipment_payer_account_ids.filtered(
            lambda a: (
                a.carrier_id in carriers
                and (not a.company_id or a.company_id == self.env.company)
            )
        )
        return accounts if len(accounts) == 1 else accounts.browse()

    @api.model
    def _insured_value(self, method, parcels, pickings=()):
        """What the deliveries say, or the share of the goods' cost that the method insures."""
        said = sum(picking.shipment_insured_value for picking in pickings)
        if said:
            currency = pickings[0].shipment_currency_id
            return Money(
                amount=Decimal(str(currency.round(said))), currency=currency.name
            )
        if not method.supports_shipping_insurance or not method.shipping_insurance:
            return None
        values = [parcel.declared_value for parcel in parcels]
        if not values:
            return None
        share = Decimal(method.shipping_insurance) / 100
        return Money(
            amount=sum(value.amount for value in values) * share,
            currency=values[0].currency,
        )

    @api.model
    def _find_differences(self, pickings):
        """Why these deliveries cannot be one shipment."""
        if len(pickings) == 1:
            return []
        problems = []
        if len(pickings.partner_id) > 1:
            problems.append(
                self.env._(
                    "These deliveries go to different addresses: %s.",
                    ", ".join(pickings.partner_id.mapped("display_name")),
                )
            )
        if len(pickings.company_id) > 1:
            problems.append(
                self.env._("These deliveries belong to different companies.")
            )
        if len(pickings.sale_id.incoterm) > 1:
            problems.append(
                self.env._(
                    "These deliveries have different incoterms: %s.",
                    ", ".join(pickings.sale_id.incoterm.mapped("code")),
                )
            )
        options = [*OPTIONS, "shipment_drop_off_point"]
        different = [
            pickings._fields[name]._description_string(self.env)
            for name in options
            if len({picking[name] for picking in pickings}) > 1
        ]
        if different:
            problems.append(
                self.env._(
                    "These deliveries ask for different things: %s.",
                    ", ".join(different),
                )
            )
        return problems
