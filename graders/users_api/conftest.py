"""Fixtures of the challenge. They do nothing by themselves: a service that can't do its part fails in the check."""

from __future__ import annotations

import random

import pytest

from harness.authoring import Api, Database, Lifecycle, Settings

from .support.data import People
from .support.outage import unworn
from .support.service import Service, SignedIn

_LAST = ("test_lifecycle", "test_outages")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stops or restarts something comes last, in the order in which it was written."""
    items.sort(key=lambda item: _LAST.index(item.path.stem) if item.path.stem in _LAST else -1)


@pytest.fixture(autouse=True)
async def no_legacy(api: Api, database: Database, pod: Lifecycle) -> None:
    """What the check before has worn out is not this one's to pay for."""
    await unworn(api, database, pod)


@pytest.fixture(scope="session")
def signed_in() -> SignedIn:
    return SignedIn()


@pytest.fixture
def people(rng: random.Random) -> People:
    return People(rng)


@pytest.fixture
def service(api: Api, settings: Settings, people: People, signed_in: SignedIn) -> Service:
    return Service(api, settings, people, signed_in)
