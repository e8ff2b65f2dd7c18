"""Fixtures of the challenge. They do nothing by themselves: a service that can't do its part fails in the check."""

from __future__ import annotations

import random

import pytest

from harness.authoring import Api, CapacityGate, Fail, Lifecycle, Stubs

from .support.digits import Digits
from .support.service import Service

_LAST = ("test_lifecycle",)
_PATIENCE_S = 5.0


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What restarts something comes last, in the order in which it was written."""
    items.sort(key=lambda item: _LAST.index(item.path.stem) if item.path.stem in _LAST else -1)


@pytest.fixture
def stub(stubs: Stubs) -> CapacityGate:
    """What the instrumented package reports to."""
    return stubs.model


@pytest.fixture
def digits(rng: random.Random) -> Digits:
    return Digits(rng)


@pytest.fixture
def service(api: Api, stub: CapacityGate, pod: Lifecycle, digits: Digits) -> Service:
    return Service(api, stub, pod, digits)


@pytest.fixture(autouse=True)
async def no_legacy(request: pytest.FixtureRequest, api: Api, pod: Lifecycle) -> None:
    """What the check before has held, or left hanging, is not this one's to pay for."""
    if "service" not in request.fixturenames:
        return
    service: Service = request.getfixturevalue("service")
    service.stub.reset()
    try:
        async with api.fresh() as probe:
            well = (await probe.get("/readyz", deadline_s=_PATIENCE_S)).status in (200, 404)
    except Fail:
        well = False
    if not well:
        try:
            await service.ready(_PATIENCE_S)
        except Fail:
            await pod.restart("candidate")
            await pod.wait_ready()
