"""Which family of charges a carrier's codes and words belong to.

What is in no table is ``accessorial``, and its code and words are kept.
"""

from collections.abc import Iterable

OTHER = "accessorial"

# UPS billing data, charge classification code. Source: the classes that carry money and INF
# that does not, as UPS's billing data layout lists them; EXM is not said clearly enough.
UPS_CLASSES = {
    "FRT": "freight",
    "FSC": "fuel",
    "GOV": "duty",
    "BRK": "brokerage",
    "TAX": "tax",
    "INF": "info",
}
# These stay what they are whatever the reason.
UPS_FIXED = frozenset({"GOV", "BRK", "TAX", "INF"})
# UPS billing data, detail of the category ADJ: why a shipment is billed once more.
UPS_ADJUSTMENTS = {
    "ADC": "address_correction",
    "SCC": "weight_correction",
    "RADJ": "residential",
    "CADJ": "credit",
    "GSR": "credit",
    "AGSR": "credit",
    "VOID": "credit",
}
# UPS billing data, charge description code under the classification ACC.
UPS_ACCESSORIALS = {
    "RES": "residential",
    "RDC": "area",
    "RDR": "area",
    "LDC": "area",
    "LDR": "area",
    "ESD": "area",
    "AHC": "handling",
    "AHG": "handling",
    "AHL": "handling",
    "AHW": "handling",
    "ADC": "address_correction",
}

# FedEx Billing Online, words of the charge descriptions, the first that is found counts.
# The descriptions are not listed by FedEx; these are from general knowledge of its invoices.
FEDEX_WORDS = (
    ("fuel", "fuel"),
    ("discount", "freight"),
    ("performance pricing", "freight"),
    ("grace", "freight"),
    ("delivery area", "area"),
    ("das ", "area"),
    ("out of delivery", "area"),
    ("out of pickup", "area"),
    ("residential", "residential"),
    ("additional handling", "handling"),
    ("ahs ", "handling"),
    ("oversize", "handling"),
    ("address correction", "address_correction"),
    ("weight correction", "weight_correction"),
    ("return", "return"),
    ("declared value", "insurance"),
    ("customs duty", "duty"),
    ("original vat", "tax"),
    ("customs vat", "tax"),
    ("customs gst", "tax"),
    ("clearance", "brokerage"),
    ("disbursement", "brokerage"),
    ("money-back", "credit"),
    ("money back", "credit"),
    ("refund", "credit"),
)

# DHL Express, codes of extra charges. XX and XB as importers of its invoices observe them;
# the others are from general knowledge of its surcharges.
DHL_EXTRAS = {
    "XX": "duty",
    "XB": "tax",
    "FF": "fuel",
    "OO": "area",
    "OB": "area",
    "TK": "residential",
    "YY": "handling",
    "YB": "handling",
    "YE": "handling",
    "MA": "address_correction",
    "II": "insurance",
    "WB": "brokerage",
    "WO": "brokerage",
    "DD": "brokerage",
}

# X12 element 150, special charge code: from general knowledge, it has hundreds.
X12_CHARGES = {
    "": "freight",
    "400": "freight",
    "405": "fuel",
    "FUE": "fuel",
    "RES": "residential",
}


def ups(category: str, detail: str, classification: str, code: str) -> str:
    """The family of a charge in UPS billing data.

    The reason of an adjustment counts more than the kind of charge, but fuel stays fuel
    unless it is given back.
    """
    if classification not in UPS_FIXED:
        reason = UPS_ADJUSTMENTS.get(detail) if category == "ADJ" else None
        if reason and (reason == "credit" or classification != "FSC"):
            return reason
        if classification == "FRT" and category == "RTN":
            return "return"
        if classification == "ACC":
            return UPS_ACCESSORIALS.get(code, OTHER)
    return UPS_CLASSES.get(classification, OTHER)


def by_words(description: str, words: Iterable[tuple[str, str]]) -> str:
    """The family of the first words that the description holds, capitals or not."""
    told = description.casefold()
    return next((family for part, family in words if part in told), OTHER)
