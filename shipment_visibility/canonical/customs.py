"""Whether goods cross a customs border, and who pays duties by the terms of the sale.

Sources: customs territory of the Union: Regulation (EU) 952/2013, article 4; territories
outside the Union's VAT area, to which goods travel with a declaration although some are in the
customs union: Directive 2006/112/EC, article 6; Northern Ireland: Windsor Framework, article 5
and annex 2; Liechtenstein and Büsingen: their customs treaties with Switzerland (1923, 1964);
Isle of Man: customs and excise agreement of 1979 with the United Kingdom; USA: 19 CFR 101.1.
Postal codes of the territories: those of the posts of Spain, Germany, Italy, Finland, France,
Greece, Denmark, Norway, the United Kingdom and the USA.
"""

from .schema import Address, Payer

_UNION = "EU"
# The member states, and Monaco, which is in the customs and VAT territory with France.
_UNION_COUNTRIES = frozenset(
    """AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI
    SK""".split()
)
# Countries that share a customs area with another.
_SHARED = {"LI": "CH", "IM": "GB", "PR": "US"}

# Country -> first digits of a postal code -> the area that place is in. Areas that are no
# country's code are named after the country that they are of.
_TERRITORIES = {
    "DE": {"27498": "DE-HELGOLAND", "78266": "CH"},
    "DK": {"39": "GL"},
    "ES": {
        "35": "ES-CANARIAS",
        "38": "ES-CANARIAS",
        "51": "ES-CEUTA",
        "52": "ES-MELILLA",
    },
    "FI": {"22": "AX"},
    "FR": {
        "971": "GP",
        "972": "MQ",
        "973": "GF",
        "974": "RE",
        "975": "PM",
        "976": "YT",
        "977": "BL",
        "978": "MF",
        "984": "TF",
        "986": "WF",
        "987": "PF",
        "988": "NC",
    },
    "GB": {"JE": "JE", "GY": "GG"},
    "GR": {"63086": "GR-ATHOS", "63087": "GR-ATHOS"},
    # Campione is in the customs union since 2020, but not in the VAT area.
    "IT": {"23041": "IT-LIVIGNO", "22061": "IT-CAMPIONE"},
    "NO": {"917": "SJ", "8099": "SJ"},
    "US": {
        "008": "VI",
        "96799": "AS",
        "9691": "GU",
        "9692": "GU",
        "9693": "GU",
        "9695": "MP",
    },
}
_US_TERRITORIES = frozenset({"AS", "GU", "MP", "VI"})


def customs_areas(address: Address) -> frozenset[str]:
    """The areas within which goods move to and from this place without a declaration.

    Northern Ireland is in two: goods move freely to the Union and within the United
    Kingdom. For parcels from Great Britain the authorised carrier reports to customs.
    """
    country = address.country
    code = address.postal_code.upper().replace(" ", "").replace("-", "")
    if country == "GB" and code.startswith("BT"):
        return frozenset({"GB", _UNION})
    if country == "US" and address.state in _US_TERRITORIES:
        return frozenset({address.state})
    for prefix, area in _TERRITORIES.get(country, {}).items():
        if code.startswith(prefix):
            return frozenset({area})
    if country in _UNION_COUNTRIES:
        return frozenset({_UNION})
    return frozenset({_SHARED.get(country, country)})


def needs_customs(origin: Address, destination: Address) -> bool:
    """Whether goods that go from one place to the other must be declared to customs."""
    return not customs_areas(origin) & customs_areas(destination)


def duties_payer(incoterm: str) -> Payer:
    """Who pays duties and taxes by the incoterm (ICC, Incoterms 2020).

    Only under DDP does the seller clear the import; under all other terms, and without
    any, the receiver does.
    """
    return Payer.SHIPPER if incoterm.upper() == "DDP" else Payer.RECEIVER
