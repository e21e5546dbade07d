"""DHL's status codes, and what they mean here.

The five of all divisions, with DHL's own definitions:
https://support-developer.dhl.com/support/solutions/articles/47001197243. "unknown" means that
there is no simplified code; it has no row. A shipment on its way back is marked by ``returnFlag``,
and "delivered" then means at the sender's:
https://support-developer.dhl.com/support/solutions/articles/47001251916.

Post & Parcel Germany (service ``parcel-de``) says more: two letters in ``status``, from DHL's table
https://developer.dhl.com/sites/default/files/2024-10/status_1.csv. ``LA`` (any storage), ``BV``
(any exception), ``DD`` and ``GT`` (data, money) have no row. The other divisions' texts in
``status`` are nowhere listed.
"""

import re
from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

STATUSES: Mapping[str, Code] = {
    "pre-transit": Code.INFO_RECEIVED,
    "transit": Code.IN_TRANSIT,
    "delivered": Code.DELIVERED,
    # "The shipment could not be delivered", for a reason at the door or before it.
    "failure": Code.ATTEMPT_FAILED,
}
_RETURNED: Mapping[str, Code] = {
    "transit": Code.RETURNING,
    "failure": Code.RETURNING,
    "delivered": Code.RETURNED,
}
PARCEL_DE: Mapping[str, Code] = {
    "VA": Code.INFO_RECEIVED,
    "AE": Code.PICKED_UP,
    "AN": Code.PICKUP_FAILED,
    "ES": Code.PICKED_UP,
    "AA": Code.DEPARTED,
    "EE": Code.ARRIVED,
    "NB": Code.IN_TRANSIT,
    "ZO": Code.CUSTOMS_PROCESSING,
    "PO": Code.OUT_FOR_DELIVERY,
    "ZN": Code.ATTEMPT_FAILED,
    "ZF": Code.AVAILABLE_FOR_PICKUP,
    "ZU": Code.DELIVERED,
}
_TWO_LETTERS = re.compile(r"[A-Z]{2}", re.ASCII)


def meaning(service: str, code: str, status: str, is_return: bool) -> tuple[str, Code]:
    """What a division's status code and status say together.

    :param is_return: whether it is said of a shipment that goes back to the sender.
    :return: the raw code composed of them, and what it means.
    """
    if is_return:
        return f"{code}/return", _RETURNED.get(code, Code.UNKNOWN)
    if service != "parcel-de" or not _TWO_LETTERS.fullmatch(status):
        return code, STATUSES.get(code, Code.UNKNOWN)
    found = PARCEL_DE.get(status) or STATUSES.get(code, Code.UNKNOWN)
    return f"{code}/{status}", found
