"""A pytest plugin for the candidate's interpreter: keeps what each test came to, and spoils answers on demand.

The folder is copied next to their packages and shares nothing with us: the standard library, pytest, and FastAPI when
they have it. TAKEHOME_RESULT names the file to write, TAKEHOME_FAULT a fault, TAKEHOME_ONLY a file with the tests to
run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from .faults import FAULTS
from .spoiling import Spoiler

_MOST_TESTS = 3000
_MESSAGE = 2000


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, None, None]:
    """Their own coverage would take the place of ours, and workers would keep to themselves what they saw.

    A wrapper, since pytest-cov asks to be first.
    """
    if early_config.pluginmanager.hasplugin("pytest_cov"):
        args.append("--no-cov")
        early_config.known_args_namespace.no_cov = True
    if early_config.pluginmanager.hasplugin("xdist"):
        args.append("-n0")
    yield


def pytest_configure(config: pytest.Config) -> None:
    spoiler = Spoiler({name: fault for name, (_, fault) in FAULTS.items()}, os.environ.get("TAKEHOME_FAULT"))
    spoiler.install()
    if result := os.environ.get("TAKEHOME_RESULT"):
        config.pluginmanager.register(Keeper(Path(result), spoiler), "takehome-keeper")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    listed = os.environ.get("TAKEHOME_ONLY")
    if not listed:
        return
    wanted = set(json.loads(Path(listed).read_text("utf-8")))
    left = [item for item in items if item.nodeid not in wanted]
    items[:] = [item for item in items if item.nodeid in wanted]
    config.hook.pytest_deselected(items=left)


class Keeper:
    """Writes down what each test came to."""

    def __init__(self, target: Path, spoiler: Spoiler) -> None:
        self._target, self._spoiler = target, spoiler
        self._outcomes: dict[str, str] = {}
        self._messages: dict[str, str] = {}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._keep(report.nodeid, "error", report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            broken = report.when != "call" and report.outcome == "failed"
            self._keep(report.nodeid, "error" if broken else report.outcome, report.longreprtext)

    def _keep(self, nodeid: str, outcome: str, text: str) -> None:
        if nodeid in self._outcomes or len(self._outcomes) < _MOST_TESTS:
            self._outcomes[nodeid] = outcome
            if outcome in ("failed", "error") and text:
                self._messages[nodeid] = text[-_MESSAGE:]

    def pytest_unconfigure(self) -> None:
        found = {"outcomes": self._outcomes, "messages": self._messages, "met": sorted(self._spoiler.met)}
        self._target.write_text(json.dumps(found), "utf-8")
