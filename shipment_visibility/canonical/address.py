"""What can be said of a postal address without asking anybody.

Shapes of postal codes as the Universal Postal Union publishes them (upu.int, "Universal
POST*CODE DataBase: postal addressing systems", one sheet a country), cross-checked with
Unicode CLDR's ``postalCodeData.xml`` (release 26, the last that had it). They check the
shape, not whether the code is in use. Countries in neither table are not checked.
"""

import hashlib
import re

from .schema import Address

_DIGITS = {
    3: "FO IS LS MG OM PG",
    4: """AF AL AM AU AT BD BE BG CH CY CC CV CX DK GE GL GW HM HU LI LU LR MK MZ NE NF NO
       NZ PH SI SJ TN ZA""",
    5: """AX BA BT CR CU DE DO DZ EE EG ES FI FR GF GP GT HN HR ID IQ IT JO KE KR KW LA LK
       MA MC ME MM MQ MU MX MY NC NI NP PE PF PK PM RE RS SD SM SN TH TR UA UY VA WF YT
       ZM""",
    6: "BY CN CO EC IN KG KZ NG RO RU SG TJ TM TT",
}
_OF_THE_USA = r"\d{5}(-?\d{4})?"
_WITH_GAP = r"\d{3} ?\d{2}"

# Country -> a code written in capitals, with single spaces.
_SHAPES = {
    **{
        country: rf"\d{{{length}}}"
        for length, countries in _DIGITS.items()
        for country in countries.split()
    },
    **dict.fromkeys("US PR GU VI AS MP FM MH PW".split(), _OF_THE_USA),
    **dict.fromkeys("CZ GR SE SK".split(), _WITH_GAP),
    "AD": r"AD[1-7]\d{2}",
    "AR": r"\d{4}|[A-HJ-NP-Z]\d{4}[A-Z]{3}",
    "AZ": r"(AZ ?)?\d{4}",
    "BB": r"BB ?\d{5}",
    "BM": r"[A-Z]{2} ?[A-Z0-9]{2}",
    "BN": r"[A-Z]{2} ?\d{4}",
    "BR": r"\d{5}-?\d{3}",
    # D, F, I, O, Q and U are in no Canadian code; W and Z do not begin one.
    "CA": r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d",
    "CL": r"\d{3}-?\d{4}",
    "GB": r"GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "GG": r"GY\d{1,2} ?\d[A-Z]{2}",
    "HT": r"(HT ?)?\d{4}",
    "IE": r"([AC-FHKNPRTV-Y]\d{2}|D6W) ?[0-9AC-FHKNPRTV-Y]{4}",
    "IL": r"\d{5}|\d{7}",
    "IM": r"IM\d{1,2} ?\d[A-Z]{2}",
    "IR": r"\d{5}-?\d{5}",
    "JE": r"JE\d{1,2} ?\d[A-Z]{2}",
    "JP": r"\d{3}-?\d{4}",
    "KH": r"\d{5,6}",
    "KY": r"KY\d-?\d{4}",
    "LB": r"\d{4}( ?\d{4})?",
    "LT": r"(LT-?)?\d{5}",
    "LV": r"(LV-?)?\d{4}",
    "MD": r"(MD-?)?\d{4}",
    "MN": r"\d{5,6}",
    "MT": r"[A-Z]{3} ?\d{4}",
    "NL": r"[1-9]\d{3} ?[A-Z]{2}",
    "PL": r"\d{2}-?\d{3}",
    "PT": r"\d{4}-?\d{3}",
    "PY": r"\d{4}|\d{6}",
    "SA": r"\d{5}(-?\d{4})?",
    "SZ": r"[HLMS]\d{3}",
    "TW": r"\d{3}(-?\d{2,3})?",
    "VE": r"\d{4}",
    "VN": r"\d{5,6}",
}
POSTAL_CODES = {country: re.compile(shape) for country, shape in _SHAPES.items()}

# Countries whose post has no codes (UPU). A "0000" written there to please a form is let be.
WITHOUT_POSTAL_CODES = frozenset(
    """AE AG AO AW BF BI BJ BO BQ BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GM GN GQ GY
    HK JM KI KM KN KP ML MO MR MW NR NU QA RW SB SC SL SR SS ST SX SY TD TG TK TL TO TV UG
    VU YE ZW""".split()
)


def is_postal_code(code: str, country: str) -> bool:
    """Whether a code has the shape of its country's; ``True`` where we know of no shape.

    :param country: ISO 3166-1 alpha-2.
    """
    shape = POSTAL_CODES.get(country)
    return not shape or bool(shape.fullmatch(_plain(code)))


def needs_postal_code(country: str) -> bool:
    """Whether the country's post uses codes at all."""
    return country not in WITHOUT_POSTAL_CODES


def fingerprint(address: Address) -> str:
    """The same text for the same address, however it is capitalised and spaced."""
    return hashlib.sha256("\n".join(_parts(address)).encode()).hexdigest()


def is_same(one: Address, other: Address) -> bool:
    """Whether two addresses differ in nothing but capitals and spaces.

    A postal code's extension that only one of them has (``94105-1234`` in the USA) is no
    difference either: carriers add it to addresses that they call good.
    """
    return _parts(_short(one, other)) == _parts(_short(other, one))


def _short(address: Address, other: Address) -> Address:
    code, known = address.postal_code, other.postal_code
    is_extended = address.country == "US" and code.startswith(f"{known}-") and known
    return address.model_copy(update={"postal_code": known}) if is_extended else address


def _parts(address: Address) -> list[str]:
    street = f"{address.street} {address.street2}"
    return [
        _plain(street),
        _plain(address.city),
        _plain(address.postal_code).replace(" ", "").replace("-", ""),
        _plain(address.state),
        address.country,
    ]


def _plain(text: str) -> str:
    return " ".join(text.upper().split())
