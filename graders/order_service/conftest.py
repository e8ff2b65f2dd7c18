"""Fixtures of the challenge. They do nothing by themselves: a service that can't do its part fails in the check."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from harness.authoring import Api, Lifecycle, Stubs

from .support.shop import Shop
from .support.world import Wear, World

_ORDER = (
    "test_create",
    "test_retries",
    "test_idempotency",
    "test_capacity",
    "test_propagation",
    "test_bad_data",
    "test_timeout",
    "test_compensation",
    "test_breaker",
    "test_storm",
    "test_operations",
    "test_lifecycle",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What wears the service most, and what stops it, comes last."""
    items.sort(key=lambda item: _ORDER.index(item.path.stem) if item.path.stem in _ORDER else len(_ORDER))


@pytest.fixture(scope="session")
def wearing() -> Wear:
    return Wear()


@pytest.fixture
def world(stubs: Stubs, rng: random.Random, wearing: Wear) -> Iterator[World]:
    """Both upstreams, healthy; and healthy again afterwards."""
    made = World(stubs, f"{rng.getrandbits(64):016x}", wearing)
    yield made
    if wearing.worn:
        made.wear()
    made.reset()


@pytest.fixture
async def shop(api: Api, world: World, rng: random.Random, pod: Lifecycle) -> Shop:
    """A service with closed breakers: what the check before has done is not this one's to pay for."""
    made = Shop(api, world, rng)
    if world.wearing.worn:
        world.wearing.worn = False
        if not await made.well_again():
            await pod.restart("candidate")
            await pod.wait_ready()
            await api.aclose()
    world.reset()
    return made
