"""The campaign that all tests of this folder look at, and the table of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.runtime.docker.engine import connect
from tests.hostile import campaign as campaigns
from tests.hostile.attacks import ATTACKS
from tests.hostile.campaign import Campaign

_RAN = pytest.StashKey[Campaign]()


@pytest.fixture(scope="session")
def campaign(base_image: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Campaign:
    """All attacks, or those that TAKEHOME_ATTACKS names."""
    names = os.environ.get("TAKEHOME_ATTACKS", "").split()
    chosen = [attack for attack in ATTACKS if not names or attack.name in names]
    found = campaigns.run(connect(), base_image, Path(tmp_path_factory.mktemp("campaign")), chosen)
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
