from odoo import api, models

from odoo.addons.shipment_visibility.canonical.customs import needs_customs
from odoo.addons.shipment_visibility.canonical.operations import CM_PER_UNIT
from odoo.addons.shipment_visibility.canonical.schema import Payer

# The Harmonised System has six digits; countries add up to four.
HS_DIGITS = range(6, 11)


class ShipmentRequestBuilder(models.AbstractModel):
    """What the carrier would refuse, told before it is asked."""

    _inherit = "shipment.request.builder"

    @api.model
    def _find_problems(self, method, parts, strict=True):
        """What is wrong with the parts of a request as a whole.

        :param dict parts: keyword arguments of a ``ShipmentRequest``; parties may be missing.
        :param bool strict: whether it must be fit to be booked, and not only for a price.
        """
        problems = []
        adapter = method._shipment_adapter_class()
        if adapter:
            name = self._service_name(method, adapter, parts["service"])
            problems += self._find_not_offered(adapter, name, parts)
            problems += self._find_excess(adapter, name, parts)
            problems += self._find_too_long(adapter, parts) if strict else []
        if strict and self._must_declare(parts):
            problems += self._find_missing_for_customs(parts["parcels"])
        return problems

    @api.model
    def _service_name(self, method, adapter, service):
        """The service as a user knows it; all of the carrier's when none is named."""
        if not service:
            return adapter.name
        return f"{adapter.name} {adapter.services.get(service, service)}"

    # === WHAT IS ASKED FOR === #

    @api.model
    def _find_not_offered(self, adapter, name, parts):
        words = self._feature_names()
        return [
            self.env._(
                "%(service)s does not offer %(feature)s. Choose another delivery method, "
                "or do without.",
                service=name,
                feature=words[feature],
            )
            for feature, is_asked in self._asked_features(parts).items()
            if is_asked and feature not in adapter.features
        ]

    @api.model
    def _asked_features(self, parts):
        """Each feature of the adapter contract, and whether this request needs it."""
        options, duties = parts["options"], parts["duties"]
        return {
            "insurance": bool(parts["insured_value"]),
            "several_parcels": len(parts["parcels"]) > 1,
            "customs": self._crosses_border(parts),
            "signature": options.signature == "any",
            "adult_signature": options.signature == "adult",
            "saturday": options.saturday,
            "drop_off_point": bool(options.drop_off_point),
            "freight_account": parts["freight"].payer != Payer.SHIPPER,
            "duties_account": bool(duties and duties.account_number)
            or bool(duties and duties.payer == Payer.THIRD_PARTY),
            "dangerous_goods": any(p.is_dangerous for p in parts["parcels"]),
        }

    @api.model
    def _feature_names(self):
        return {
            "insurance": self.env._("insurance"),
            "several_parcels": self.env._("shipments of several parcels"),
            "customs": self.env._("shipments across customs borders"),
            "signature": self.env._("delivery against signature"),
            "adult_signature": self.env._("delivery against an adult's signature"),
            "saturday": self.env._("delivery on Saturdays"),
            "drop_off_point": self.env._("delivery to a drop-off point"),
            "freight_account": self.env._("freight paid by another's account"),
            "duties_account": self.env._("duties paid by another's account"),
            "dangerous_goods": self.env._("the transport of dangerous goods"),
        }

    # === WEIGHTS AND SIZES === #

    @api.model
    def _find_excess(self, adapter, name, parts):
        # Without a service all of them are asked, and each refuses for itself.
        service = parts["service"]
        limits = service and (adapter.limits.get(service) or adapter.limits.get(""))
        if not limits:
            return []
        problems = []
        if limits.parcels and len(parts["parcels"]) > limits.parcels:
            problems.append(
                self.env._(
                    "There are %(parcels)s parcels; %(service)s takes %(limit)s at most.",
                    parcels=len(parts["parcels"]),
                    service=name,
                    limit=limits.parcels,
                )
            )
        for parcel in parts["parcels"]:
            for limit in limits.excess(parcel.weight, parcel.dimensions):
                problems.append(self._explain_excess(limit, limits, parcel, name))
        return problems

    @api.model
    def _explain_excess(self, limit, limits, parcel, name):
        if limit == "weight":
            return self.env._(
                "The parcel %(parcel)s weighs %(weight)s; %(service)s takes %(limit)s at "
                "most.",
                parcel=parcel.reference,
                weight=_mass(parcel.weight),
                service=name,
                limit=_mass(limits.weight),
            )
        factor = CM_PER_UNIT[parcel.dimensions.unit]
        sizes = parcel.dimensions
        short, middle, long = sorted(
            side * factor for side in (sizes.length, sizes.width, sizes.height)
        )
        if limit == "length":
            return self.env._(
                "The parcel %(parcel)s is %(size)s cm long; %(service)s takes %(limit)s cm "
                "at most.",
                parcel=parcel.reference,
                size=_number(long),
                service=name,
                limit=_number(limits.length),
            )
        return self.env._(
            "The parcel %(parcel)s has %(size)s cm of length and girth; %(service)s takes "
            "%(limit)s cm at most.",
            parcel=parcel.reference,
            size=_number(long + 2 * (short + middle)),
            service=name,
            limit=_number(limits.length_and_girth),
        )

    @api.model
    def _find_too_long(self, adapter, parts):
        """Texts of the addresses that do not fit into the carrier's fields."""
        problems = []
        for party in filter(None, (parts["shipper"], parts["consignee"])):
            texts = {
                **party.address.model_dump(),
                "name": party.name,
                "company": party.company,
            }
            problems += [
                self.env._(
                    "“%(text)s” is too long for %(carrier)s, which takes %(limit)s "
                    "characters there.",
                    text=texts[field],
                    carrier=adapter.name,
                    limit=limit,
                )
                for field, limit in adapter.text_limits.items()
                if len(texts[field] or "") > limit
            ]
        return problems

    # === CUSTOMS === #

    @api.model
    def _crosses_border(self, parts):
        shipper, consignee = parts["shipper"], parts["consignee"]
        return bool(
            shipper and consignee and needs_customs(shipper.address, consignee.address)
        )

    @api.model
    def _must_declare(self, parts):
        """Whether customs wants a list of goods. Documents need none."""
        return parts["contents"] != "documents" and self._crosses_border(parts)

    @api.model
    def _find_missing_for_customs(self, parcels):
        """What customs needs to know, by product."""
        missing = {}
        problems = []
        for parcel in parcels:
            if not parcel.items:
                problems.append(
                    self.env._(
                        "The parcel %s has no goods to declare to customs.",
                        parcel.reference,
                    )
                )
            for item in parcel.items:
                if lacking := self._missing_in_item(item):
                    missing[item.description or item.sku] = lacking
        problems += [
            self.env._(
                "Customs needs of %(product)s: %(fields)s.",
                product=product,
                fields=", ".join(fields),
            )
            for product, fields in missing.items()
        ]
        return problems

    @api.model
    def _missing_in_item(self, item):
        digits = sum(character.isdigit() for character in item.hs_code)
        given = {
            self.env._("a description"): item.description,
            self.env._("an HS code of six to ten digits"): digits in HS_DIGITS,
            self.env._("the country of origin"): item.origin_country,
            self.env._("a value"): item.value.amount > 0,
            self.env._("a weight"): item.weight.value,
        }
        return [what for what, is_given in given.items() if not is_given]


def _mass(mass):
    return f"{_number(mass.value)} {mass.unit}"


def _number(value):
    """A decimal without zeros at its end."""
    return f"{round(value, 2).normalize():f}"
