"""Having parcels fetched, and the list the driver signs."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ....shipment_visibility.canonical.operations import (
    Manifest,
    Pickup,
    PickupRequest,
)
from ....shipment_visibility.canonical.schema import Document
from ..errors import Refused, Unavailable
from . import messages_handover as messages
from .line import Line
from .messages_shipment import parse_shipment

# EasyPost makes batches and lists in the background. It is looked at so often, each look
# taking as long as a request does.
_LOOKS = 5
_PATIENCE = 30.0
_Seen = TypeVar("_Seen")


def picked_up(line: Line, request: PickupRequest, ids: Sequence[str]) -> Pickup:
    """Ask for a pickup and take the best offer.

    :raise Refused: nobody comes.
    :raise OutcomeUnknown: somebody may come.
    """
    if not ids:
        raise Refused("EasyPost fetches only parcels whose labels were bought there.")
    what = (
        {"shipment": {"id": ids[0]}}
        if len(ids) == 1
        else {"batch": {"id": _gathered(line, ids)}}
    )
    offer = line.told(
        *("POST", "pickups"),
        payload=messages.build_pickup(request, what),
        # Until it is bought, nobody comes.
        idempotent=True,
    )
    pickup_id, chosen = messages.parse_pickup_offer(offer, request.service)
    answer = line.told("POST", "pickups", pickup_id, "buy", payload=chosen)
    return messages.parse_pickup(answer, request, chosen)


def called_off(line: Line, pickup_id: str) -> None:
    """Cancel a pickup; one that is cancelled already is done.

    :raise Refused: it is too late.
    """
    answer = line.ask(
        "POST", "pickups", pickup_id, "cancel", payload={}, idempotent=True
    )
    refusal = None
    if not answer.ok:
        refusal = line.refusal(answer)
        answer = line.ask("GET", "pickups", pickup_id)
    if not answer.ok:
        raise refusal
    if not messages.is_cancelled(answer.body):
        raise refusal or Refused("The carrier did not cancel the pickup.")


def listed(line: Line, ids: Sequence[str]) -> Manifest:
    """The list of these shipments; asking again gives the same list.

    :raise Refused: one of them is on another list, or cannot be on one.
    """
    # A second list is refused, so asking twice does no harm.
    answer = line.ask(
        *("POST", "scan_forms"),
        payload=messages.build_scan_form(ids),
        idempotent=True,
    )
    body = answer.body if answer.ok else _list_there_is(line, ids, line.refusal(answer))
    form = messages.parse_scan_form(body)
    if not form.form_url:
        form = _awaited(
            lambda: messages.parse_scan_form(line.told("GET", "scan_forms", form.id)),
            lambda form: bool(form.form_url),
            "EasyPost is still making the list. Ask again in a moment.",
        )
    return Manifest(
        remote_id=form.id,
        document=Document(
            name=f"{form.id}.pdf",
            mimetype="application/pdf",
            content=line.download(form.form_url),
        ),
    )


def _list_there_is(line: Line, ids: Sequence[str], refusal: Refused) -> bytes:
    """The list of exactly these shipments, made when the answer was lost."""
    forms = set()
    for one in ids:
        answer = line.ask("GET", "shipments", one)
        shipment = parse_shipment(answer.body) if answer.ok else None
        if shipment is None or shipment.scan_form is None:
            raise refusal
        forms.add((shipment.scan_form.id, shipment.batch_id))
    if len(forms) > 1:
        raise refusal
    ((form_id, batch_id),) = forms
    if batch_id and _members(line, batch_id) != set(ids):
        raise refusal
    return line.told("GET", "scan_forms", form_id)


def _gathered(line: Line, ids: Sequence[str]) -> str:
    """The id of a batch of exactly these shipments; the one they are in, if they are."""
    first = parse_shipment(line.told("GET", "shipments", ids[0]))
    if first.batch_id and _members(line, first.batch_id) == set(ids):
        return first.batch_id
    body = line.told(
        "POST", "batches", payload=messages.build_batch(ids), idempotent=True
    )
    batch_id, members = messages.parse_batch(body)
    if members != set(ids):
        _awaited(
            lambda: _members(line, batch_id),
            lambda members: members == set(ids),
            "EasyPost is still putting the parcels together. Ask again in a moment.",
        )
    return batch_id


def _members(line: Line, batch_id: str) -> frozenset[str]:
    return messages.parse_batch(line.told("GET", "batches", batch_id))[1]


def _awaited(
    look: Callable[[], _Seen], is_done: Callable[[_Seen], bool], words: str
) -> _Seen:
    """What is seen once it is done.

    :raise Unavailable: it takes longer than we wait.
    """
    for _look in range(_LOOKS):
        if is_done(seen := look()):
            return seen
    raise Unavailable(words, retry_after=_PATIENCE)
