"""A charge has the same key however often, in whatever order and parts it is sent."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.invoices.batches import batches
from odoo.addons.shipment_visibility_carriers.invoices.occurrences import Occurrences

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
    occurrences = Occurrences()
    keys = [(line.fingerprint(), occurrences.count(line)) for line in found]
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
def test_going_on_behind_a_row_gives_the_same_keys(told, row):
    def read(begin, size):
        return [
            (line.row, ordinal)
            for batch in batches(iter(_ups(_rows(told))), begin, size)
            for line, ordinal in batch.lines
        ]

    assert read(row, 3) == [each for each in read(0, 100) if each[0] > row]


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
        "raw_category": "ADJ/SCC",
        "raw_code": "FSC",
        "description": "Other",
        "gross": None,
        "tax": Decimal(1),
        "service": "Air",
        "invoice": replace(line.invoice, number="OTHER"),
    }
    other_parcel = {
        "tracking_number": "1ZDEMO2",
        "master_number": "1ZDEMO2",
        "references": ("SO0043",),
        "zone": "2",
        "pieces": 2,
        "entered_weight": None,
        "billed_weight": Decimal(1),
        "weight_basis": None,
        "dimensions": None,
        "shipped_on": None,
        "delivered_on": line.parcel.shipped_on,
    }
    changed = [replace(line, **{name: value}) for name, value in other.items()]
    changed += [
        replace(line, parcel=replace(line.parcel, **{name: value}))
        for name, value in other_parcel.items()
    ]
    found = {each.fingerprint() for each in changed}
    assert len(found | {line.fingerprint()}) == len(changed) + 1


def test_a_charge_that_was_stored_once_is_known_for_ever():
    # The fingerprint it was stored with: with another one it would be paid twice.
    (line,) = lines("ups_billing", table([ups_row()]))
    stored = "bde70150babfaf19460a8d4d16f5f442aed0145dac5333a7c8d98870ae3ea97d"
    assert line.fingerprint() == stored
    assert [
        each.fingerprint()[:16]
        for each in lines("dhl_express", table([dhl_row(extra_charge="2.5")]))
    ] == ["4f36ae2003366720", "9c60251df1f62bf3", "019d1905401cb9d8"]


def test_place_and_trailing_zeros_do_not_count_in_a_fingerprint():
    line = lines("ups_billing", table([ups_row()]))[0]
    same = replace(
        line,
        row=9,
        part=3,
        amount=Decimal("12.4000"),
        tax=Decimal("-0.00"),
        parcel=replace(
            line.parcel, dimensions=(Decimal("30.480"), *line.parcel.dimensions[1:])
        ),
        invoice=replace(line.invoice, total=None),
    )
    assert same.fingerprint() == line.fingerprint()
