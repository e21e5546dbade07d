"""Buying one EasyPost shipment a parcel: all of them or none, and the way back."""

from collections.abc import Sequence
from decimal import Decimal

from ....shipment_visibility.canonical.schema import ShipmentRequest
from ..errors import CarrierError, MalformedMessage, OutcomeUnknown, Refused
from .line import Line
from .messages_booking import Entry, build_booking
from .messages_request import build_insurance, build_shipments, reference
from .messages_shipment import Rate, Shipment, cheapest, parse_shipment

# More parcels than any shipment has; where a look-up by reference stops.
_MOST_PARCELS = 1000


def created(
    line: Line, request: ShipmentRequest, accounts: Sequence[str]
) -> list[Shipment]:
    """Create what can be bought, with its prices. That costs nothing, as often as it is done."""
    build_insurance(request)  # What cannot be insured is told before a price is asked.
    return [
        parse_shipment(line.told("POST", "shipments", payload=payload, idempotent=True))
        for payload in build_shipments(request, accounts)
    ]


def bought(line: Line, request: ShipmentRequest, ids: Sequence[str]) -> bytes:
    """Buy the shipments and fetch their labels.

    :raise Refused: nothing is bought; what had been was refunded.
    :raise OutcomeUnknown: something may be bought.
    """
    if len(ids) != len(request.parcels):
        raise Refused("The parcels are not those that were prepared.")
    shipments = [_looked_at(line, one) for one in ids]
    if any(shipment.is_refunded for shipment in shipments):
        raise Refused("This shipment was cancelled already and cannot be bought again.")
    return _Purchase(line, request).made(shipments)


def cancelled(line: Line, shipment_id: str) -> None:
    """Have one shipment refunded; one that never was bought, or is refunded, is done.

    :raise Refused: the carrier does not take it back.
    """
    # Asking twice does no harm.
    answer = line.ask(
        "POST", "shipments", shipment_id, "refund", payload={}, idempotent=True
    )
    if not answer.ok:
        _check_nothing_to_refund(line, shipment_id, line.refusal(answer))
        return
    shipment = parse_shipment(answer.body)
    if shipment.refund_status == "rejected":
        raise Refused(
            f"The carrier does not take {shipment.tracking_code} back: it was used, or it "
            "is too late."
        )
    if not shipment.is_refunded:
        raise MalformedMessage("refund_status: is not a documented one")


def found(line: Line, ids: Sequence[str]) -> bytes | None:
    """The answer of a purchase, when all was bought. What was half bought is refunded."""
    answers = filter(None, [_sought(line, one) for one in ids])
    live = [
        (answer, shipment)
        for answer in answers
        if (shipment := parse_shipment(answer)).is_bought and not shipment.is_refunded
    ]
    if not live:
        return None
    if len(live) < len(ids):
        remains = [shipment.id for _answer, shipment in live]
        _undo(line, remains, "Only some parcels were bought.")
        return None
    return build_booking(
        [_found_entry(line, answer, shipment) for answer, shipment in live]
    )


def found_by_key(line: Line, idempotency_key: str) -> bytes | None:
    """As :func:`found`, for what was created under this key.

    https://docs.easypost.com/docs/api: a reference may stand in place of an id. All
    shipments are created before the first is bought.
    """
    ids = []
    for position in range(1, _MOST_PARCELS):
        answer = _sought(line, reference(idempotency_key, position))
        if answer is None:
            break
        ids.append(parse_shipment(answer).id)
    return found(line, ids) if ids else None


class _Purchase:
    """One go at buying several shipments. ``bought`` are the ids that would have to go back."""

    def __init__(self, line: Line, request: ShipmentRequest):
        self.line = line
        self.request = request
        self.bought: list[str] = []

    def made(self, shipments: Sequence[Shipment]) -> bytes:
        # All prices are looked for before the first is bought.
        rates = [
            None if shipment.is_bought else cheapest(shipment, self.request.service)
            for shipment in shipments
        ]
        answers = self._answers(shipments, rates, build_insurance(self.request))
        return build_booking(
            [
                self._entry(parcel.reference, answer)
                for parcel, answer in zip(self.request.parcels, answers, strict=False)
            ]
        )

    def _answers(
        self,
        shipments: Sequence[Shipment],
        rates: Sequence[Rate | None],
        insured: Sequence[Decimal],
    ) -> list[bytes]:
        """EasyPost's answers, up to the first that cannot be read: what comes then is unknown."""
        answers = []
        for shipment, rate, amount in zip(shipments, rates, insured, strict=True):
            try:
                answer = self._buy(shipment, rate, amount)
                answers.append(answer)
                self._insure(shipment.id, answers, amount)
            except OutcomeUnknown:
                raise
            except MalformedMessage:
                break
            except CarrierError as error:
                _undo(self.line, self.bought, str(error))
                raise
        return answers

    def _buy(self, shipment: Shipment, rate: Rate | None, amount: Decimal) -> bytes:
        if rate is None:
            # Bought in an earlier go, whose answer was lost.
            self.bought.append(shipment.id)
            return self.line.told("GET", "shipments", shipment.id)
        payload: dict = {"rate": {"id": rate.id}}
        if amount:
            payload["insurance"] = f"{amount:f}"
        answer = self.line.told(
            "POST", "shipments", shipment.id, "buy", payload=payload
        )
        self.bought.append(shipment.id)
        return answer

    def _insure(self, shipment_id: str, answers: list[bytes], amount: Decimal) -> None:
        """Insure what the purchase has not insured along with it."""
        bought = parse_shipment(answers[-1])
        if amount and not bought.insurance:
            answers[-1] = self.line.told(
                *("POST", "shipments", shipment_id, "insure"),
                payload={"amount": f"{amount:f}"},
            )

    def _entry(self, parcel_reference: str, answer: bytes) -> Entry:
        """What to keep of a parcel. Nothing that goes wrong now may lose the purchase."""
        text = answer.decode(errors="replace")
        label_format = self.request.label_format
        entry = Entry(parcel=parcel_reference, answer=text, format=label_format)
        try:
            shipment = parse_shipment(answer)
        except MalformedMessage:
            return entry
        try:
            return _with_files(self.line, entry, shipment)
        except CarrierError as error:
            return entry.model_copy(
                update={
                    "problem": f"{shipment.tracking_code} is bought, but its label could "
                    f"not be fetched yet. {error}"
                }
            )


def _found_entry(line: Line, answer: bytes, shipment: Shipment) -> Entry:
    entry = Entry(
        parcel=shipment.parcel_reference,
        answer=answer.decode(errors="replace"),
        format=shipment.label_format,
    )
    return _with_files(line, entry, shipment)


def _with_files(line: Line, entry: Entry, shipment: Shipment) -> Entry:
    """The entry with the label and the customs papers.

    :raise CarrierError: one of them could not be had.
    """
    if not shipment.is_bought:
        return entry
    url = shipment.label_url(entry.format)
    if not url:
        # Some carriers print one format only; EasyPost converts it.
        body = line.told(
            *("GET", "shipments", shipment.id, "label"),
            params={"file_format": entry.format},
        )
        url = parse_shipment(body).label_url(entry.format)
    if not url:
        raise MalformedMessage(f"EasyPost has no {entry.format} of it.")
    forms = [
        {"name": form.form_type, "content": line.download(form.form_url)}
        for form in shipment.forms or []
        if form.form_url
    ]
    update = {"label": line.download(url), "forms": forms}
    return Entry.model_validate(entry.model_dump() | update)


def _looked_at(line: Line, shipment_id: str) -> Shipment:
    return parse_shipment(line.told("GET", "shipments", shipment_id))


def _sought(line: Line, name: str) -> bytes | None:
    """What EasyPost says of a shipment, by id or reference; ``None`` when it knows none."""
    answer = line.ask("GET", "shipments", name)
    if answer.status == 404:
        return None
    if not answer.ok:
        raise line.refusal(answer)
    return answer.body


def _check_nothing_to_refund(line: Line, shipment_id: str, refusal: Refused) -> None:
    answer = line.ask("GET", "shipments", shipment_id)
    shipment = parse_shipment(answer.body) if answer.ok else None
    if shipment is None or (shipment.is_bought and not shipment.is_refunded):
        raise refusal


def _undo(line: Line, ids: Sequence[str], why: str) -> None:
    """Refund these.

    :raise OutcomeUnknown: not all could be; a person must look.
    """
    left = []
    for one in ids:
        try:
            cancelled(line, one)
        except CarrierError as error:
            left.append(f"{one} ({error})")
    if left:
        raise OutcomeUnknown(
            f"{why} What had been bought could not be cancelled: {', '.join(left)}. "
            "Refund it at EasyPost."
        )
