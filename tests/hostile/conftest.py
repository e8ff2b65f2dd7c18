"""The campaign that all tests of this folder look at, and the table of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.runtime.docker.engine import connect
from tests.hostile import campaign as campaigns
from tests.hostile.attacks import ATTACKS
from tests.hostile.campaign import Campaign

_RAN = pytest.StashKey[Campaign]()


@pytest.fixture(scope="session", autouse=True)
def under_way(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Future[Campaign] | None]:
    """All attacks, or those that TAKEHOME_ATTACKS names: begun with the first test here, where one will look at them.

    They wait more than they work, so they are best beside other tests.
    """
    wanted = any("campaign" in i.fixturenames for i in request.session.items if isinstance(i, pytest.Function))
    if not wanted or request.getfixturevalue("no_engine"):
        yield None
        return
    names = os.environ.get("TAKEHOME_ATTACKS", "").split()
    chosen = [attack for attack in ATTACKS if not names or attack.name in names]
    base_image: str = request.getfixturevalue("base_image")
    folder = Path(tmp_path_factory.mktemp("campaign"))
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(campaigns.run, connect(), base_image, folder, chosen)


@pytest.fixture(scope="session")
def campaign(under_way: Future[Campaign] | None, request: pytest.FixtureRequest) -> Campaign:
    """What came of it."""
    assert under_way is not None
    found = under_way.result()
    request.config.stash[_RAN] = found
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A row an attack: its threats, how it ended, who was blamed, what it cost."""
    found = config.stash.get(_RAN, None)
    if found is None:
        return
    terminalreporter.section("attacks")
    terminalreporter.write_line(
        f"{'attack':<20} {'threats':<9} {'exit':>4} {'score':>6} {'blame':<11} {'s':>5} {'MB':>5}  what"
    )
    for attack in ATTACKS:
        told = found.told.get(attack.name)
        if told is None:
            continue
        record = told.record
        score = "-" if record is None or record.score.value is None else f"{record.score.value:.1f}"
        blame = "refused" if record is None else record.problem.fault if record.problem else "-"
        threats = ",".join(map(str, attack.threats))
        terminalreporter.write_line(
            f"{attack.name:<20} {threats:<9} {told.code:>4} {score:>6} {blame:<11} {told.seconds:>5.0f} "
            f"{told.memory / 1e6:>5.0f}  {attack.what}"
        )
    terminalreporter.write_line(
        f"{len(found.told)} attacks: {len(found.reached)} reached anything, {len(found.left)} things left behind, "
        f"{len(found.honest)} honest submissions beside them"
    )
