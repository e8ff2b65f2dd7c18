"""Fixtures of the challenge. They do nothing by themselves: a service that can't do its part fails in the check."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from harness.authoring import Api, CapacityGate, Settings, Stubs

from .support.feed import Feed

_LAST = ("test_memory", "test_shutdown")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What wears the service most, and what stops it, comes last."""
    items.sort(key=lambda item: _LAST.index(item.path.stem) if item.path.stem in _LAST else -1)


@pytest.fixture
def feed(api: Api, settings: Settings, rng: random.Random) -> Feed:
    return Feed(api, settings, rng)


@pytest.fixture
def source(stubs: Stubs) -> Iterator[CapacityGate]:
    """The source of the export, as at the start."""
    stubs.source.reset()
    yield stubs.source
    stubs.source.reset()
