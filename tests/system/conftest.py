"""What system tests share: a prepared world, a server on a copy of it, a carrier."""

import os

import pytest

from dev.environment import databases, odoo
from dev.faults.world import SECRET, World, prepared
from dev.simulator import Simulator

# Shipments that are on their way before the first test, enough for each to take its own.
SHIPMENTS = 12


@pytest.fixture(scope="session")
def world_database():
    """A database with a company, stock, a carrier and shipments; only to be copied."""
    # Tests may run in several processes at once.
    with prepared(f"system_world_{os.getpid()}", shipments=SHIPMENTS) as database:
        yield database


@pytest.fixture(scope="session")
def simulator():
    """The carrier."""
    with Simulator(SECRET) as carrier:
        yield carrier


@pytest.fixture(scope="session")
def world(world_database, simulator):
    """The world on a prefork server with the queue; its account speaks to the simulator.

    Shared by all tests that leave it as they found it but for records of their own.
    """
    with databases.copied(world_database, "system") as database:
        with odoo.serving(database, name="system", workers=4) as server:
            world = World(server)
            world.speak_to(simulator)
            yield world


@pytest.fixture(scope="session")
def unused_numbers(world):
    """Tracking numbers under way; each test takes what it needs, and no other gets it."""
    return iter(
        [
            package["tracking_number"]
            for package in world.admin.find(
                "shipment.package", [("live", "=", True)], "tracking_number", order="id"
            )
        ]
    )


@pytest.fixture
def number(unused_numbers):
    """The tracking number of a shipment that nothing has happened to."""
    return next(unused_numbers)


@pytest.fixture
def rows(world):
    """Ask the server's database."""

    def ask(statement: str, **variables: str) -> list[list[str]]:
        answer = databases.execute(world.server.database, statement, *variables.items())
        return [line.split("|") for line in answer.splitlines()]

    return ask
