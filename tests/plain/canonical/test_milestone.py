from odoo.addons.shipment_visibility.canonical.milestone import (
    MILESTONES,
    REOPENS,
    Code,
    Phase,
    milestone,
    phase_selection,
    selection,
)


def _codes(**wanted):
    return {
        row.code
        for row in MILESTONES.values()
        if all(getattr(row, name) == value for name, value in wanted.items())
    }


def test_every_code_has_a_row_numbered_in_the_order_of_the_table():
    assert list(MILESTONES) == list(Code)
    assert [row.number for row in MILESTONES.values()] == list(range(26))


def test_the_stored_values_are_the_lower_case_names():
    assert {code.value for code in Code} == {code.name.lower() for code in Code}
    assert {phase.value for phase in Phase} == {phase.name.lower() for phase in Phase}


def test_terminal_states():
    assert _codes(terminal=True) == {
        Code.DELIVERED,
        Code.LOST,
        Code.RETURNED,
        Code.CANCELLED,
    }
    assert _codes(soft=True) == {Code.EXPIRED}
    assert set(REOPENS) == _codes(terminal=True)


def test_overlays_and_information():
    assert _codes(kind="overlay") == {
        Code.PICKUP_FAILED,
        Code.CUSTOMS_HELD,
        Code.DELAYED,
        Code.ON_HOLD,
        Code.DAMAGED,
    }
    assert _codes(kind="information") == {Code.UNKNOWN, Code.DELIVERY_SCHEDULED}


def test_what_raises_an_exception():
    assert _codes(exception=True) == _codes(kind="overlay") | {
        Code.ATTEMPT_FAILED,
        Code.PARTIALLY_DELIVERED,
        Code.LOST,
        Code.RETURNING,
        Code.RETURNED,
        Code.EXPIRED,
    }


def test_who_may_be_told():
    assert _codes(audience="internal") == {Code.DAMAGED, Code.LOST}
    assert _codes(audience="none") == {Code.UNKNOWN, Code.PICKUP_FAILED, Code.EXPIRED}


def test_ranks_follow_the_journey():
    ranked = [row for row in MILESTONES.values() if row.rank is not None]
    assert [row.rank for row in ranked] == sorted(row.rank for row in ranked)
    assert _codes(rank=None) == {
        Code.DELIVERY_SCHEDULED,
        Code.DELAYED,
        Code.ON_HOLD,
        Code.DAMAGED,
        Code.EXPIRED,
    }
    assert milestone(Code.OUT_FOR_DELIVERY).rank == 50
    assert milestone("delivered").rank == 90


def test_what_reopens_a_terminal_state():
    assert REOPENS[Code.DELIVERED] == {Code.RETURNING, Code.RETURNED, Code.LOST}
    assert REOPENS[Code.RETURNED] == frozenset()
    assert {Code.PICKED_UP, Code.IN_TRANSIT, Code.DELIVERED} <= REOPENS[Code.LOST]
    assert {Code.PICKED_UP, Code.DELIVERED, Code.LOST} <= REOPENS[Code.CANCELLED]
    for codes in REOPENS.values():
        assert not codes & {Code.INFO_RECEIVED, Code.CANCELLED, Code.EXPIRED}


def test_phases():
    assert milestone(Code.CUSTOMS_HELD).phase == Phase.BORDER
    assert milestone(Code.DAMAGED).phase == Phase.NONE
    assert milestone(Code.RETURNING).phase == Phase.RETURN


def test_selections_offer_every_code_and_phase_with_a_label():
    assert [value for value, __ in selection()] == [code.value for code in Code]
    assert ("out_for_delivery", "Out for delivery") in selection()
    assert [value for value, __ in phase_selection()] == [p.value for p in Phase]
    assert all(label for __, label in selection() + phase_selection())
