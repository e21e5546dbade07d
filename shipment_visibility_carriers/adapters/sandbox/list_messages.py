"""What the sandbox is asked about its memory of purchases, and what it answers."""

import datetime as dt
from typing import Annotated

from pydantic import Field

from ....shipment_visibility.canonical.operations import Purchase, PurchasePage
from ..reading import Message, Text, documented, read
from .messages import Priced


class _Consignee(Message):
    name: Text = ""
    postal_code: Text = ""
    country: Text = ""


class _Purchase(Message):
    id: Annotated[Text, Field(min_length=1)]
    key: Text = ""
    reference: Text = ""
    service: Text = ""
    bought_at: dt.datetime
    numbers: list[Text] = []
    cost: Priced | None = None
    consignee: _Consignee = _Consignee()
    is_return: Annotated[bool, Field(alias="return")] = False
    voided: bool = False


class _Purchases(Message):
    purchases: list[_Purchase]
    next: Text = ""


def build_list(since: dt.datetime, page: str) -> dict[str, str]:
    """The parameters of ``GET /v1/purchases``."""
    return {"since": since.isoformat()} | ({"after": page} if page else {})


def parse_list(body: bytes) -> PurchasePage:
    """The answer to ``GET /v1/purchases``, oldest first."""
    answer = read(_Purchases, body)
    with documented("purchases"):
        return PurchasePage(
            purchases=tuple(map(_canonical, answer.purchases)), next_page=answer.next
        )


def _canonical(one: _Purchase) -> Purchase:
    to = _Consignee() if one.is_return else one.consignee
    return Purchase(
        remote_id=one.id,
        key=one.key,
        tracking_numbers=tuple(one.numbers),
        reference=one.reference,
        bought_at=one.bought_at,
        service=one.service,
        cost=one.cost and one.cost.canonical(),
        consignee=to.name,
        postal_code=to.postal_code,
        country=to.country,
        is_return=one.is_return,
        is_void=one.voided,
    )
