"""Rules that compare amounts: with the contract, with the weight, with what was said before."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from ....shipment_visibility.canonical.freight import CUSTOMS, ZERO
from ..document import WeightBasis
from .case import Case, Claim
from .facts import Billed

# What is added to a shipment; a quote that itemises names them.
SURCHARGES = (
    "fuel",
    "accessorial",
    "residential",
    "area",
    "handling",
    "return",
    "insurance",
)
# What no booking can know: these have rules of their own, or depend on customs.
_AFTERWARDS = ("address_correction", "weight_correction", "return", *CUSTOMS)


def above_contract(case: Case) -> Iterator[Claim]:
    """More than the contract says, by family."""
    contract = case.terms.contract
    if contract is None:
        return
    for family, agreed in contract.by_family().items():
        lines = _in(case.of(family), contract.currency)
        yield from _above(case, family, lines, agreed, "contract")


def above_booked(case: Case) -> Iterator[Claim]:
    """More than was booked: by family, or in all when the booking named one total."""
    for currency, lines in case.by_currency(case.charges):
        booked = case.facts.booked_in(currency)
        if booked is None:
            continue
        if case.facts.itemises(booked):
            for family, amount in sorted(booked.items()):
                mine = [each for each in lines if each.line.family == family]
                yield from _above(case, family, mine, amount, "booked")
        else:
            total = sum(booked.values(), ZERO)
            yield from _above(case, "", _foreseeable(lines), total, "booked")


def never_quoted(case: Case) -> Iterator[Claim]:
    """A surcharge that neither quote, booking nor contract names.

    Silent as long as none of the three itemises: a total may well hold it.
    """
    for currency, lines in case.by_currency(case.of(*SURCHARGES)):
        named = _named_families(case, currency)
        for family in SURCHARGES:
            mine = [each for each in lines if each.line.family == family]
            left = case.left(mine)
            if not named or family in named:
                continue
            if case.terms.tolerance(family).is_exceeded(left, ZERO):
                codes = {each.line.raw_code: None for each in mine}
                evidence = {"family": family, "code": ", ".join(filter(None, codes))}
                yield Claim(case.whole(mine), evidence)


def heavier(case: Case) -> Iterator[Claim]:
    """Billed by more weight than was entered. The least a service bills is let pass."""
    freight = case.of("freight", "weight_correction")
    heavy = [each for each in freight if _is_heavier(case, each)]
    for currency, lines in case.by_currency(heavy):
        heaviest = max(lines, key=lambda each: each.line.parcel.billed_weight)
        amount, source, mine = _weighed(case, currency, lines)
        rest = case.left(_in(freight, currency)) - amount
        if case.terms.tolerance("weight_correction").is_exceeded(amount, rest):
            evidence = {
                "entered_kg": _entered(case, heaviest),
                "billed_kg": heaviest.line.parcel.billed_weight,
                "basis": heaviest.line.parcel.weight_basis,
                "amount_from": source,
            }
            yield Claim(case.last(mine, amount), evidence)


def _weighed(
    case: Case, currency: str, heavy: list[Billed]
) -> tuple[Decimal, str, list[Billed]]:
    """What the weight has cost, where that comes from, and the lines it stands on."""
    corrections = _in(case.of("weight_correction"), currency)
    freight = _in(case.of("freight"), currency)
    if case.left(corrections):
        return case.left(corrections), "correction", corrections
    light, billed = case.terms.contract_at_entered, case.terms.contract
    if light and billed and light.currency == billed.currency == currency:
        more = billed.by_family().get("freight", ZERO) - light.by_family().get(
            "freight", ZERO
        )
        return max(more, ZERO), "contract", freight
    booked = case.facts.booked_in(currency)
    if booked and case.facts.itemises(booked) and "freight" in booked:
        return max(case.left(freight) - booked["freight"], ZERO), "booked", freight
    if booked and not case.facts.itemises(booked):
        lines = _foreseeable(_in(case.charges, currency))
        more = max(case.left(lines) - sum(booked.values(), ZERO), ZERO)
        return more, "booked", freight
    # Nothing to compare with: the part of the freight that the additional weight has.
    share = sum(
        (
            case.open[each.id]
            * (each.line.parcel.billed_weight - _allowed(case, each))
            / each.line.parcel.billed_weight
            for each in heavy
        ),
        ZERO,
    )
    return case.terms.round(share, currency), "share", heavy


def _entered(case: Case, billed: Billed) -> Decimal | None:
    return case.facts.entered_weight or billed.line.parcel.entered_weight


def _allowed(case: Case, billed: Billed) -> Decimal:
    """The entered weight as the carrier would round it."""
    weight, step = _entered(case, billed), case.terms.weight_step
    if not step:
        return weight
    return (weight / step).to_integral_value(ROUND_CEILING) * step


def _is_heavier(case: Case, billed: Billed) -> bool:
    weight = billed.line.parcel.billed_weight
    if (
        not weight
        or not _entered(case, billed)
        or billed.line.parcel.weight_basis is WeightBasis.MINIMUM
    ):
        return False
    allowed = _allowed(case, billed)
    return case.terms.weight.is_exceeded(weight - allowed, allowed)


def _above(
    case: Case, family: str, lines: list[Billed], expected: Decimal, name: str
) -> Iterator[Claim]:
    left = case.left(lines)
    if case.terms.tolerance(family).is_exceeded(left - expected, expected):
        evidence = {"family": family, name: expected, "billed": left}
        yield Claim(case.last(lines, left - expected), evidence)


def _foreseeable(lines: list[Billed]) -> list[Billed]:
    return [each for each in lines if each.line.family not in _AFTERWARDS]


def _named_families(case: Case, currency: str) -> set[str]:
    """Families that an itemised source names; empty when there is no such source."""
    facts = case.facts
    sources = [
        amounts
        for amounts in (facts.quoted_in(currency), facts.booked_in(currency))
        if amounts and facts.itemises(amounts)
    ]
    contract = case.terms.contract
    if contract and contract.currency == currency:
        sources.append(contract.by_family())
    return {family for amounts in sources for family in amounts}


def _in(lines: list[Billed], currency: str) -> list[Billed]:
    return [each for each in lines if each.line.currency == currency]
