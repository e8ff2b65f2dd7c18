"""The fixtures that every suite has. A pytest plugin: `-p harness.prober.fixtures`."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator

import pytest

from harness.authoring import (
    Api,
    CapacityGate,
    Database,
    Evidence,
    Fuzzer,
    Inconclusive,
    Lifecycle,
    LockGate,
    Settings,
    Stubs,
)
from harness.prober.run import RUN, Current, Run


def _run(request: pytest.FixtureRequest) -> Run:
    return request.config.stash[RUN]


def _current(request: pytest.FixtureRequest) -> Current:
    current = _run(request).current
    assert current is not None  # noqa: S101 - fixtures are made inside a check
    return current


@pytest.fixture
def anyio_backend() -> str:
    """Each check has an asyncio loop of its own."""
    return "asyncio"


@pytest.fixture
async def api(request: pytest.FixtureRequest) -> AsyncIterator[Api]:
    """A client of the candidate's service."""
    run = _run(request)
    async with Api(run.hello.base_url, _current(request).transcript) as client:
        yield client


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Randomness from the run's seed and the check's id: the same again in a replay."""
    return random.Random(f"{_run(request).hello.seed}/{_current(request).check.id}")  # noqa: S311 - must replay


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    return _run(request).settings


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Evidence:
    """Numbers and places in the code to show with the result."""
    return _current(request).evidence


@pytest.fixture
def pod(request: pytest.FixtureRequest) -> Lifecycle:
    """What a check has stopped and not started again is started after it."""
    return _run(request).pod


@pytest.fixture
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """PostgreSQL as its superuser sees it."""
    postgres = _run(request).hello.postgres
    if postgres is None:
        raise Inconclusive("the challenge has no PostgreSQL")
    observer = Database(postgres)
    try:
        yield observer
    finally:
        await observer.aclose()


@pytest.fixture
def lock_gate(database: Database) -> LockGate:
    """All of the candidate's tables, locked inside `async with lock_gate:`."""
    return database.hold()


@pytest.fixture
def stubs(request: pytest.FixtureRequest) -> Stubs:
    return _run(request).stubs


@pytest.fixture
def gate(request: pytest.FixtureRequest) -> CapacityGate:
    """The stub called `profile`, or the only one that there is."""
    gates = _run(request).gates
    if "profile" in gates or len(gates) != 1:
        return _run(request).stubs["profile"]
    return next(iter(gates.values()))


@pytest.fixture(scope="session")
def fuzzer(request: pytest.FixtureRequest) -> Iterator[Fuzzer]:
    """schemathesis, for requests made from the document that the service serves; for one check of a run."""
    run = _run(request)
    with Fuzzer(run.hello.base_url, run.hello.seed) as process:
        yield process


@pytest.fixture(scope="session", autouse=True)
def fuzzer_loads_early(request: pytest.FixtureRequest) -> None:
    """When a check of this run will want it: its libraries take seconds to load, while other checks run."""
    items = request.session.items
    if any("fuzzer" in item.fixturenames for item in items if isinstance(item, pytest.Function)):
        request.getfixturevalue("fuzzer")
