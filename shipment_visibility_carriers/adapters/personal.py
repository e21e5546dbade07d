"""A message as somebody may read it who looks for a fault: without secrets and people.

What is left says what happened, when, in which town, and to which number. Names, streets,
contact data, signatures and exact positions are masked, by the name of their field and, in
free text, by their form. A name in the middle of a sentence cannot be recognised.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from .masking import MASK, Masker, is_secret_name

LONGEST_TEXT = 64 * 1024
LONGEST_STRING = 1000

# Compared with names that were stripped of everything but letters, so address_line_1 is
# addressline. A carrier's, a service's or an event's name is no person's.
_PERSONAL_NAME = re.compile(
    r"name|(?:first|last|middle|full|given|family|sur|person|people|contact|attention"
    r"|company|business|customer|recipient|receiver|consignee|addressee|sender|shipper"
    r"|buyer|user|driver|courier(?:person)?|signatory|signer|signedforby|signedby"
    r"|receivedby|deliveredto)names?"
    r"|recipient|receiver|consignee|addressee|signatory|signer|signature|proxy|neighbou?r"
    r"|signed(?:for)?by|receivedby|deliveredto|leftwith|takenby"
    r"|address|addressline|addresslines|addressee?text|houseno|housenumber|building|apartment"
    r"|latitude|longitude|lat|lng|lon|coordinates|geolocation"
    r"|fax|tel|vat|vatnumber|taxid|birthday|dateofbirth"
)
_PERSONAL_PART = re.compile(
    r"street|phone|mobile|email|telephone|signature(?:image|url)?$|photo|picture"
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_PHONE = re.compile(r"(?<![\w:.])(?:\+|00)\d(?:[ ()/-]{0,2}\d){7,14}(?![\w:])")
_SIGNED = re.compile(
    r"\b((?:signed(?: for)?|received|accepted|taken|left) (?:by|with)\b[\s:]*)"
    r"[^,;.\n\"<&]{1,80}",
    re.IGNORECASE,
)
_ELEMENT = re.compile(r"(<(?:\w+:)?([\w.-]{1,60})(?:\s[^<>]{0,200})?>)([^<]+)(?=</)")


def readable(body: bytes, limit: int = LONGEST_TEXT) -> str:
    """A message for a reader: JSON laid out, a form a line each, other text as it is.

    :param limit: characters after which it is cut.
    """
    text = body.decode(errors="replace").replace("\0", "")
    try:
        masked = _laid_out(text)
    except (ValueError, RecursionError):
        # Cut first: whatever it is, it may be long, and matching it takes time.
        masked = _loose(text[: 2 * limit])
    if len(masked) > limit:
        masked = f"{masked[:limit]}… [{len(masked)} characters]"
    return masked


def _laid_out(text: str) -> str:
    return json.dumps(_masked(json.loads(text)), ensure_ascii=False, indent=2)


def _loose(text: str) -> str:
    """Text that is no JSON: a form, XML, or anything else."""
    if re.fullmatch(r"[\w.\[\]%+-]{1,100}=[^\s<>]*", text.strip()):
        fields = parse_qsl(text.strip(), keep_blank_values=True, max_num_fields=1000)
        return "\n".join(
            f"{name} = {_form_value(name, value)}" for name, value in fields
        )
    text = _ELEMENT.sub(_masked_element, text)
    return _free(Masker().text(text))


def _form_value(name: str, value: str) -> str:
    if _is_hidden(name):
        return MASK
    try:
        return _laid_out(value)
    except (ValueError, RecursionError):
        return _free(value)


def _masked_element(match: re.Match) -> str:
    tag, name, content = match.groups()
    return tag + (MASK if _is_hidden(name) else content)


def _masked(content: Any, is_hidden: bool = False) -> Any:
    """Content of JSON; below a telling name everything is masked but its structure."""
    if isinstance(content, dict):
        return {
            _free(key): _masked_field(key, content[key], is_hidden) for key in content
        }
    if isinstance(content, list):
        return [_masked(item, is_hidden) for item in content]
    if content is None or isinstance(content, bool) or content == "":
        return content
    if is_hidden:
        return MASK
    return _free(content) if isinstance(content, str) else content


def _masked_field(key: str, content: Any, is_hidden: bool) -> Any:
    # An address that is laid out keeps its town and country.
    if isinstance(content, dict):
        return _masked(content, is_hidden or is_secret_name(key))
    return _masked(content, is_hidden or _is_hidden(key))


def _is_hidden(name: str) -> bool:
    plain = re.sub(r"[^a-z]", "", name.lower())
    return bool(
        is_secret_name(name)
        or _PERSONAL_NAME.fullmatch(plain)
        or _PERSONAL_PART.search(plain)
    )


def _free(text: str) -> str:
    """Free text without what shows by its form that it belongs to a person."""
    if len(text) > LONGEST_STRING:
        text = f"{text[:LONGEST_STRING]}… [{len(text)} characters]"
    text = _EMAIL.sub(MASK, text)
    text = _PHONE.sub(MASK, text)
    return _SIGNED.sub(rf"\g<1>{MASK}", text)
