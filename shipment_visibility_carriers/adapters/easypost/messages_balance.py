"""What is left in EasyPost's wallet: the ``User`` object, https://docs.easypost.com/docs/users.

"Balance and recharge values on User objects are expressed in higher precision US Dollars"; the
balance is a text such as ``"123.45000"``. Only a production key may ask for it.
"""

from decimal import Decimal

from pydantic import Field

from ....shipment_visibility.canonical.schema import Money
from ..reading import Message, Text, documented, read

_CURRENCY = "USD"


class _User(Message):
    balance: Text = Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,10})?$")


def parse_balance(body: bytes) -> Money:
    """The answer to ``GET /v2/users``: the user whom the key belongs to.

    :raise MalformedMessage: it names no balance.
    """
    user = read(_User, body)
    with documented("balance"):
        return Money(amount=Decimal(user.balance), currency=_CURRENCY)
