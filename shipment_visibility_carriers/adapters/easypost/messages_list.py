"""EasyPost's list of shipments: https://docs.easypost.com/docs/shipments (Retrieve a list).

Newest first; ``before_id`` asks for what follows (https://docs.easypost.com/docs/pagination).
"""

import datetime as dt
import re

from pydantic import Field

from ....shipment_visibility.canonical.operations import Purchase, PurchasePage
from ....shipment_visibility.canonical.schema import Money
from .messages_shipment import Shipment
from .reading import Message, Text, documented, read

# https://docs.easypost.com/docs/pagination: no more on one page.
_PAGE_SIZE = 100
# As ``messages_request.reference`` writes it.
_REFERENCE = re.compile(r"(?P<key>.+)-[0-9]+")


class _Address(Message):
    name: Text = ""
    company: Text = ""
    zip: Text = ""
    country: Text = ""


class _Listed(Shipment):
    created_at: dt.datetime
    is_return: bool | None = False
    to_address: _Address | None = None


class _List(Message):
    shipments: list[_Listed] = Field(max_length=_PAGE_SIZE)
    has_more: bool


def build_list(since: dt.datetime, page: str) -> dict[str, str]:
    """The parameters of ``GET /v2/shipments``: what was bought, not what was only priced."""
    params = {
        "start_datetime": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "page_size": str(_PAGE_SIZE),
        "purchased": "true",
    }
    return params | ({"before_id": page} if page else {})


def parse_list(body: bytes) -> PurchasePage:
    """One purchase a parcel, as EasyPost has one shipment a parcel."""
    answer = read(_List, body)
    with documented("shipments"):
        return PurchasePage(
            purchases=tuple(
                _purchase(one) for one in answer.shipments if one.is_bought
            ),
            next_page=answer.shipments[-1].id
            if answer.has_more and answer.shipments
            else "",
        )


def _purchase(shipment: _Listed) -> Purchase:
    named = _REFERENCE.fullmatch(shipment.reference)
    rate = shipment.selected_rate
    to = (not shipment.is_return and shipment.to_address) or _Address()
    return Purchase(
        remote_id=shipment.id,
        key=named["key"] if named else "",
        tracking_numbers=(shipment.tracking_code,),
        reference=shipment.our_reference,
        bought_at=shipment.created_at,
        service=rate.code,
        cost=Money(amount=rate.rate, currency=rate.currency),
        consignee=to.name or to.company,
        postal_code=to.zip,
        country=to.country,
        is_return=bool(shipment.is_return),
        is_void=shipment.is_refunded,
    )
