"""The rate limit and the breaker: what they let through, when, and how they recover."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.adapters import gate
from odoo.addons.shipment_visibility_carriers.adapters.errors import Unavailable
from odoo.addons.shipment_visibility_carriers.adapters.gate import Policy, State

NOW = 1_800_000_000.0
LIMITED = Policy(per_second=2, burst=3)
FRAGILE = Policy(failures=3, pause=30)


def failed(state, now=NOW, policy=FRAGILE, times=1):
    for _ in range(times):
        state = gate.report(state, policy, now, "unavailable", 0, None)
    return state


def test_without_a_limit_nobody_waits():
    state = State()
    for _ in range(50):
        state, wait = gate.reserve(state, Policy(), NOW, patience=0)
        assert wait == 0


def test_a_burst_goes_at_once_and_the_rest_at_the_rate():
    state, waits = State(), []
    for _ in range(6):
        state, wait = gate.reserve(state, LIMITED, NOW, patience=60)
        waits.append(wait)
    assert waits == pytest.approx([0, 0, 0, 0.5, 1.0, 1.5])


def test_who_cannot_wait_is_told_how_long_and_takes_nobodys_place():
    state = State()
    for _ in range(3):
        state, _wait = gate.reserve(state, LIMITED, NOW, patience=0)
    with pytest.raises(Unavailable) as refusal:
        gate.reserve(state, LIMITED, NOW, patience=0.1)
    assert refusal.value.retry_after == pytest.approx(0.5)
    _state, wait = gate.reserve(state, LIMITED, NOW, patience=1)
    assert wait == pytest.approx(0.5)


@given(st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_no_second_sees_more_than_burst_and_rate(gaps):
    state, now, sent = State(), NOW, []
    for gap in gaps:
        now += gap
        state, wait = gate.reserve(state, LIMITED, now, patience=1_000)
        sent.append(now + wait)
    for begin in sent:
        within = [at for at in sent if begin - 1e-6 <= at < begin + 1]
        assert len(within) <= LIMITED.burst + LIMITED.per_second


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_holds_everybody_back(status):
    state = gate.report(State(), FRAGILE, NOW, "unavailable", status, 20.0)
    with pytest.raises(Unavailable) as refusal:
        gate.reserve(state, FRAGILE, NOW + 5, patience=10)
    assert refusal.value.retry_after == pytest.approx(15)
    assert gate.reserve(state, FRAGILE, NOW + 15, patience=10)[1] == pytest.approx(5)
    assert gate.reserve(state, FRAGILE, NOW + 21, patience=10)[1] == 0
    assert state.name(NOW + 5) == "blocked"


def test_being_asked_to_slow_down_is_no_failure():
    state = State()
    for _ in range(10):
        state = gate.report(state, FRAGILE, NOW, "unavailable", 429, 0.0)
    assert state.name(NOW + 1) == "closed"


def test_failures_in_a_row_open_the_breaker():
    state = failed(State(), times=2)
    gate.reserve(state, FRAGILE, NOW, patience=10)
    state = failed(state)
    assert state.name(NOW) == "open"
    with pytest.raises(Unavailable) as refusal:
        gate.reserve(state, FRAGILE, NOW + 1, patience=10)
    assert refusal.value.retry_after == pytest.approx(29)


def test_a_success_in_between_starts_the_count_again():
    state = failed(State(), times=2)
    state = gate.report(state, FRAGILE, NOW, "answered", 200, None)
    assert failed(state, times=2).name(NOW) == "closed"


@pytest.mark.parametrize("outcome", ["refused", "auth_failed", "malformed"])
def test_a_carrier_that_says_no_is_in_good_health(outcome):
    state = failed(State(), times=2)
    state = gate.report(state, FRAGILE, NOW, outcome, 422, None)
    assert state.is_clean


def test_one_request_probes_and_the_others_wait_for_it():
    state = failed(State(), times=3)
    later = NOW + 31
    state, wait = gate.reserve(state, FRAGILE, later, patience=10)
    assert wait == 0
    with pytest.raises(Unavailable):
        gate.reserve(state, FRAGILE, later + 1, patience=10)
    state = gate.report(state, FRAGILE, later + 2, "answered", 200, None)
    gate.reserve(state, FRAGILE, later + 2, patience=10)
    assert state.name(later + 2) == "closed"


def test_a_probe_that_never_returns_is_replaced():
    state = failed(State(), times=3)
    state, _wait = gate.reserve(state, FRAGILE, NOW + 31, patience=10)
    gate.reserve(state, FRAGILE, NOW + 42, patience=10)


def test_a_failed_probe_doubles_the_pause_up_to_a_bound():
    state, now, pauses = failed(State(), times=3), NOW, []
    for _ in range(8):
        pauses.append(state.open_until - now)
        now = state.open_until + 1
        state, _wait = gate.reserve(state, FRAGILE, now, patience=10)
        state = failed(state, now)
    assert pauses[:5] == pytest.approx([30, 60, 120, 240, 480])
    assert max(pauses) == pytest.approx(480)


def test_latecomers_of_before_do_not_prolong_the_pause():
    state = failed(State(), times=3)
    assert failed(state, NOW + 2).open_until == state.open_until
