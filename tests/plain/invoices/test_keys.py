"""A charge has the same key however often, in whatever order and parts it is sent."""

import io
from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.invoices.occurrences import (
    digest,
    numbered,
)
from odoo.addons.shipment_visibility_carriers.invoices.ups_billing import UpsBilling

from .samples import dhl_row, fedex, lines, table, ups_row

bounded = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# Few different ones, so that the same charge comes twice as it does at carriers.
charges = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from(("FRT", "FSC", "ACC", "INF")),
        st.sampled_from(("1.00", "2.5", "-3.10", "1234.56", "0.00")),
    ),
    max_size=25,
)
mixed = st.randoms(use_true_random=False)


def _rows(told):
    return [
        ups_row(tracking=f"1ZDEMO{parcel}", classification=kind, net=net)
        for parcel, kind, net in told
    ]


def _keys(found):
    """As a set: a key that came twice would be lost, so how many there are counts, too."""
    keys = [(line.fingerprint(), ordinal) for line, ordinal in numbered(found)]
    assert len(set(keys)) == len(keys)
    return set(keys)


def _ups(rows):
    return lines("ups_billing", table(rows))


@bounded
@given(charges)
def test_a_file_that_is_sent_again_has_the_same_keys(told):
    keys = _keys(_ups(_rows(told)))
    assert len(keys) == len(told)
    assert _keys(_ups(_rows(told))) == keys


@bounded
@given(charges, mixed)
def test_order_and_split_by_parcel_change_no_key(told, random):
    keys = _keys(_ups(_rows(told)))
    shuffled = list(told)
    random.shuffle(shuffled)
    assert _keys(_ups(_rows(shuffled))) == keys
    parts = [
        [charge for charge in shuffled if charge[0] % 2 == rest] for rest in (0, 1)
    ]
    assert set().union(*(_keys(_ups(_rows(part))) for part in parts)) == keys


@bounded
@given(charges, st.sampled_from(",;\t|"), st.sampled_from((".", ",")), st.booleans())
def test_style_changes_no_key(told, delimiter, mark, is_grouped):
    def styled(text):
        # Only what is an amount: a date or a name has no decimal mark.
        try:
            amount = Decimal(text)
        except ArithmeticError:
            return text
        if "." not in text:
            return text
        plain = f"{amount:,f}" if is_grouped else text
        return plain.translate(str.maketrans(".,", ",.")) if mark == "," else plain

    rows = [[styled(cell) for cell in row] for row in _rows(told)]
    for row in rows:
        row[32] = row[32].replace(".", mark)
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        found = lines("ups_billing", table(rows, delimiter, encoding))
        assert found == _ups(_rows(told))


@bounded
@given(charges, st.integers(0, 25))
def test_going_on_with_what_was_counted_gives_the_same_keys(told, row):
    content = table(_rows(told))
    whole = [
        (line.row, ordinal) for line, ordinal in numbered(lines("ups_billing", content))
    ]
    counted = Counter()
    for line in UpsBilling().read(io.BytesIO(content)):
        if line.row <= row:
            counted[digest(line.fingerprint())] += 1
    rest = numbered(lines("ups_billing", content, row), counted)
    assert [(line.row, ordinal) for line, ordinal in rest] == [
        each for each in whole if each[0] > row
    ]


@bounded
@given(st.lists(st.sampled_from(("1.00", "2.00", "3.00")), max_size=8), mixed)
def test_order_changes_no_key_in_other_layouts(amounts, random):
    def fedex_keys(told):
        charges = [({}, [("Fuel Surcharge", net)]) for net in told]
        return _keys(lines("fedex_billing", table(fedex(*charges))))

    def dhl_keys(told):
        rows = [dhl_row(extra_charge=net) for net in told]
        return _keys(lines("dhl_express", table(rows)))

    shuffled = list(amounts)
    random.shuffle(shuffled)
    assert fedex_keys(shuffled) == fedex_keys(amounts)
    assert dhl_keys(shuffled) == dhl_keys(amounts)


def test_every_part_of_a_charge_counts_in_its_fingerprint():
    line = lines("ups_billing", table([ups_row()]))[0]
    other = {
        "family": "fuel",
        "amount": Decimal("12.41"),
        "currency": "CAD",
        "tracking_number": "1ZDEMO2",
        "master_number": "1ZDEMO2",
        "references": ("SO0043",),
        "raw_category": "ADJ/SCC",
        "raw_code": "FSC",
        "description": "Other",
        "gross": None,
        "tax": Decimal(1),
        "service": "Air",
        "zone": "2",
        "pieces": 2,
        "entered_weight": None,
        "billed_weight": Decimal(1),
        "weight_basis": None,
        "dimensions": None,
        "shipped_on": None,
        "delivered_on": line.shipped_on,
        "invoice": replace(line.invoice, number="OTHER"),
    }
    found = {
        replace(line, **{name: value}).fingerprint() for name, value in other.items()
    }
    assert len(found | {line.fingerprint()}) == len(other) + 1


def test_place_and_trailing_zeros_do_not_count_in_a_fingerprint():
    line = lines("ups_billing", table([ups_row()]))[0]
    same = replace(
        line,
        row=9,
        part=3,
        amount=Decimal("12.4000"),
        tax=Decimal("-0.00"),
        dimensions=(Decimal("30.480"), *line.dimensions[1:]),
        invoice=replace(line.invoice, total=None),
    )
    assert same.fingerprint() == line.fingerprint()
