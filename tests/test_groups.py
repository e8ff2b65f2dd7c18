"""Tests of one group run in one process, however many processes there are."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("together")
@pytest.mark.parametrize("number", range(6))
def test_a_group_stays_together(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    # The folders of all workers of a run are in one folder.
    noted = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "group"
    with noted.open("a") as file:
        file.write(f"{os.getpid()}\n")
    assert set(noted.read_text().split()) == {str(os.getpid())}
