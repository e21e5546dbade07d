"""What the sandbox knows of the world: where a few cities lie, and its drop-off points."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from . import tariff
from .problem import Json, Problem

_NOWHERE = re.compile(r"SANDBOX-NOADDRESS\b", re.IGNORECASE)
_TEXTS = ("street", "street2", "city", "postal_code", "state", "country")
# Country -> what its postal codes look like without spaces, and where the space belongs.
_SPACED = {
    "NL": (re.compile(r"([0-9]{4})([A-Z]{2})"), r"\1 \2"),
    "GB": (re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})"), r"\1 \2"),
    "SE": (re.compile(r"([0-9]{3})([0-9]{2})"), r"\1 \2"),
    "CA": (re.compile(r"([A-Z][0-9][A-Z])([0-9][A-Z][0-9])"), r"\1 \2"),
}


@dataclass(frozen=True, slots=True)
class City:
    """A city: its postal codes begin with ``prefix``, ``postal_code`` is in its middle."""

    country: str
    prefix: str
    name: str
    postal_code: str
    latitude: float
    longitude: float


CITIES = (
    City("AT", "10", "Wien", "1010", 48.2085, 16.3721),
    City("BE", "10", "Brussels", "1000", 50.8466, 4.3528),
    City("CH", "80", "Zürich", "8001", 47.3717, 8.5423),
    City("DE", "10", "Berlin", "10115", 52.5320, 13.3830),
    City("ES", "28", "Madrid", "28013", 40.4180, -3.7065),
    City("FR", "690", "Lyon", "69002", 45.7578, 4.8320),
    City("FR", "75", "Paris", "75001", 48.8626, 2.3363),
    City("GB", "SW1", "London", "SW1A 1AA", 51.5010, -0.1416),
    City("IT", "001", "Roma", "00184", 41.8955, 12.4926),
    City("NL", "101", "Amsterdam", "1012 JS", 52.3731, 4.8926),
    City("NL", "307", "Rotterdam", "3072 AP", 51.9070, 4.4880),
    City("PL", "00-", "Warszawa", "00-001", 52.2297, 21.0122),
    City("US", "100", "New York", "10001", 40.7506, -73.9972),
)
_ALL_DAY = {str(day): "00:00-24:00" for day in range(1, 8)}
_SHOP = {str(day): "09:00-12:30, 14:00-18:30" for day in range(1, 6)}
# Name, street, how far away, and when it is open.
POINTS = (
    ("Parcel Locker", "Station Square 1", "0.4", _ALL_DAY),
    ("Corner Shop", "Market Street 12", "0.9", {**_SHOP, "6": "09:00-13:00"}),
    ("Copy Centre", "Harbour Road 7", "2.3", _SHOP),
)


def check(payload: Json) -> Json:
    """``POST /v1/addresses/check``: the address as it is written, and what else it may mean.

    A postal code and a city that contradict each other give two suggestions.

    :raise Problem: the address cannot be read, or lies in a country that is not served.
    """
    address = {name: _text(payload, name) for name in _TEXTS}
    if address["country"] not in tariff.WORLD:
        message = f"We do not serve the country {address['country'][:40]}."
        raise Problem(422, "country_unknown", message, "country")
    if any(_NOWHERE.search(text) for text in address.values()):
        return {"deliverable": False, "addresses": []}
    address |= {name: _cased(address[name]) for name in ("street", "street2", "city")}
    address["postal_code"] = _spaced(address["postal_code"], address["country"])
    return {"deliverable": True, "addresses": list(_meanings(address))}


def points(address: Json) -> Json:
    """``GET /v1/points``: three near the postal code, nearest first; always the same ones.

    :raise Problem: there is no postal code, or no service there.
    """
    country = _text(address, "country")
    postal_code = _spaced(_text(address, "postal_code"), country)
    if country not in tariff.WORLD:
        message = f"We do not serve the country {country[:40]}."
        raise Problem(422, "country_unknown", message, "country")
    if not postal_code:
        message = "The postal code is missing."
        raise Problem(422, "postal_code_missing", message, "postal_code")
    city = _by_postal_code(country, postal_code)
    seed = f"{country}{re.sub('[^A-Z0-9]', '', postal_code)}"
    place = {
        "city": _text(address, "city") or (city.name if city else ""),
        "postal_code": postal_code,
        "country": country,
    }
    return {
        "points": [
            {
                "id": f"pt_{seed}_{position}",
                "name": name,
                "address": {"street": street, **place},
                **_position(city, f"{seed}{position}"),
                "opening_hours": hours,
                "distance_km": distance,
            }
            for position, (name, street, distance, hours) in enumerate(POINTS, 1)
        ]
    }


def is_point(text: str, country: str) -> bool:
    """Whether it is the id of a point in this country."""
    return bool(re.fullmatch(rf"pt_{re.escape(country)}[A-Z0-9]+_[1-3]", text))


def _text(values: Json, name: str) -> str:
    value: Any = values.get(name) or ""
    if not isinstance(value, str):
        raise Problem(400, "invalid_request", f"{name}: is no text.", name)
    return " ".join(value.split())


def _cased(text: str) -> str:
    """Words that are written in small or capital letters throughout, as names are."""
    return text.title() if text.islower() or text.isupper() else text


def _spaced(postal_code: str, country: str) -> str:
    code = postal_code.upper()
    pattern, spaced = _SPACED.get(country, (None, ""))
    if pattern and (match := pattern.fullmatch(code.replace(" ", ""))):
        return match.expand(spaced)
    return code


def _meanings(address: Json):
    by_code = _by_postal_code(address["country"], address["postal_code"])
    by_name = _by_name(address["country"], address["city"])
    if by_code and by_name and by_code != by_name:
        yield {**address, "city": by_code.name}
        yield {**address, "postal_code": by_name.postal_code}
    elif by_name and not address["postal_code"].startswith(by_name.prefix):
        yield {**address, "postal_code": by_name.postal_code}
    elif by_code and not address["city"]:
        yield {**address, "city": by_code.name}
    else:
        yield address


def _by_postal_code(country: str, postal_code: str) -> City | None:
    found = (
        city
        for city in CITIES
        if city.country == country and postal_code.startswith(city.prefix)
    )
    return next(found, None)


def _by_name(country: str, name: str) -> City | None:
    found = (
        city
        for city in CITIES
        if city.country == country and _plain(city.name) == _plain(name)
    )
    return next(found, None)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in letters if char.isalnum())


def _position(city: City | None, seed: str) -> Json:
    """Some hundred metres from the middle of the city; nothing where it is not known."""
    if city is None:
        return {"latitude": None, "longitude": None}
    east, north = hashlib.sha256(seed.encode()).digest()[:2]
    return {
        "latitude": round(city.latitude + (north - 128) / 12_800, 4),
        "longitude": round(city.longitude + (east - 128) / 8_000, 4),
    }
