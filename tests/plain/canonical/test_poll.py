"""When a carrier is asked again: what must hold whatever is known of a shipment."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.milestone import MILESTONES, Code, Phase
from odoo.addons.shipment_visibility.canonical.poll import (
    PACE,
    SAFETY,
    SLOWEST,
    Journey,
    Stop,
    interval,
    is_needless,
    plan,
)

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
GIVE_UP = dt.timedelta(days=30)
OPEN = [code for code, row in MILESTONES.items() if not row.terminal]

moments = st.integers(-60 * 24 * 60, 10 * 24 * 60).map(
    lambda minutes: NOW + dt.timedelta(minutes=minutes)
)
journeys = st.builds(
    Journey,
    headline=st.sampled_from(list(Code)),
    heard_at=moments,
    promised_at=st.none() | moments,
    asked_at=st.none() | moments,
    is_reported=st.booleans(),
)


def hours(count):
    return dt.timedelta(hours=count)


def quiet(code, for_hours=0.0, **known):
    return Journey(code, NOW - hours(for_hours), **known)


def wait(journey):
    return interval(journey, NOW)


@given(journeys)
def test_the_next_question_is_never_in_the_past(journey):
    planned = plan(journey, NOW, GIVE_UP)
    assert (planned.at is None) != (planned.stop is None)
    assert planned.at is None or planned.at > NOW


@given(journeys)
def test_no_wait_is_too_short_or_too_long(journey):
    assert min(PACE.values()) <= wait(journey) <= SLOWEST


@given(journeys, st.integers(0, 60 * 24))
def test_longer_silence_never_makes_it_faster(journey, more):
    quieter = replace(journey, heard_at=journey.heard_at - hours(more))
    assert wait(quieter) >= wait(journey)


@given(journeys, moments)
def test_a_promise_never_makes_it_slower(journey, promised_at):
    assert wait(replace(journey, promised_at=promised_at)) <= wait(
        replace(journey, promised_at=None)
    )


@given(journeys)
def test_what_is_planned_is_not_needless_when_its_time_has_come(journey):
    planned = plan(journey, NOW, GIVE_UP)
    assert planned.at is None or not is_needless(journey, planned.at)


@given(journeys)
def test_an_ended_journey_is_not_asked_about(journey):
    planned = plan(journey, NOW, GIVE_UP)
    ended = MILESTONES[journey.headline].terminal
    assert (planned.stop == Stop.FINAL) == ended


def test_every_phase_has_a_pace():
    assert set(PACE) == set(Phase)


def test_the_closer_it_comes_the_more_often_it_is_asked_about():
    journey = (
        Code.INFO_RECEIVED,
        Code.IN_TRANSIT,
        Code.AT_DESTINATION,
        Code.OUT_FOR_DELIVERY,
    )
    waits = [wait(quiet(code)) for code in journey]
    assert waits == sorted(waits, reverse=True)
    assert len(set(waits)) == len(waits)
    assert waits[-1] <= hours(0.5)


@pytest.mark.parametrize("code", OPEN)
def test_long_silence_backs_off_to_once_a_day(code):
    assert wait(quiet(code, 24 * 10)) == SLOWEST


def test_near_its_promise_it_is_asked_about_every_hour():
    assert wait(quiet(Code.IN_TRANSIT, 48)) == hours(6)
    near = quiet(Code.IN_TRANSIT, 48, promised_at=NOW + hours(5))
    assert wait(near) == hours(1)
    overdue = quiet(Code.IN_TRANSIT, 48, promised_at=NOW - hours(5))
    assert wait(overdue) == hours(1)
    far = quiet(Code.IN_TRANSIT, 48, promised_at=NOW + hours(50))
    assert wait(far) == hours(6)


def test_a_promise_says_nothing_before_the_carrier_has_it():
    assert wait(quiet(Code.INFO_RECEIVED, promised_at=NOW)) == hours(6)


def test_a_clock_that_runs_ahead_does_not_matter():
    assert wait(quiet(Code.IN_TRANSIT, -5)) == wait(quiet(Code.IN_TRANSIT))


def test_silence_ends_the_asking():
    assert plan(quiet(Code.IN_TRANSIT, 24 * 30 - 1), NOW, GIVE_UP).at
    assert plan(quiet(Code.IN_TRANSIT, 24 * 30), NOW, GIVE_UP).stop == Stop.SILENT


def test_a_carrier_that_reports_is_asked_a_day_after_the_last_word():
    journey = quiet(Code.OUT_FOR_DELIVERY, 3, is_reported=True)
    assert plan(journey, NOW, GIVE_UP).at == NOW - hours(3) + SAFETY
    assert is_needless(journey, NOW)
    asked = replace(journey, heard_at=NOW - hours(50), asked_at=NOW - hours(1))
    assert is_needless(asked, NOW)
    lost = replace(journey, heard_at=NOW - hours(50), asked_at=NOW - hours(25))
    assert not is_needless(lost, NOW)
    assert plan(lost, NOW, GIVE_UP).at == NOW + SAFETY


def test_a_carrier_that_does_not_report_is_always_worth_a_question():
    assert not is_needless(quiet(Code.IN_TRANSIT, asked_at=NOW), NOW)
