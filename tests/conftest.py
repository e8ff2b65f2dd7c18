"""What the whole suite shares: the tiers, and what happens to the tests that need more than Python.

A test that needs a Docker engine or a browser is never dropped in silence: the summary counts it, and where
TAKEHOME_REQUIRE_DOCKER=1 (TAKEHOME_REQUIRE_BROWSER=1) is set it fails. Under pytest-xdist the workers count, and the
summary adds up.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import docker
import pytest
from _pytest.nodeid import NodeId
from docker.errors import DockerException

from tests.base_image import prepare_base_image
from tests.totals import add_totals

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def _why_no_engine() -> str:
    """Empty when a Docker engine answers; else one line that says why none does."""
    try:
        client = docker.from_env(timeout=20)
        try:
            client.ping()
        finally:
            client.close()
    except DockerException as error:
        return " ".join(str(error).split())[:200] or type(error).__name__
    return ""


@cache
def _why_no_browser() -> str:
    return "" if any(shutil.which(name) for name in BROWSERS) else "none of " + ", ".join(BROWSERS)


# marker: (plural for the summary, what is missing, why it is missing, variable that makes missing an error)
NEEDS: dict[str, tuple[str, str, Callable[[], str], str]] = {
    "docker": ("Docker", "no engine", _why_no_engine, "TAKEHOME_REQUIRE_DOCKER"),
    "browser": ("browser", "no Chromium", _why_no_browser, "TAKEHOME_REQUIRE_BROWSER"),
}
_SKIPPED = "takehome_skipped"

skipped = pytest.StashKey[dict[str, int]]()


def add_skipped(config: pytest.Config, counts: Mapping[str, int]) -> None:
    """Count tests that were skipped for want of an engine or a browser."""
    known = config.stash[skipped]
    for mark, count in counts.items():
        known[mark] = known.get(mark, 0) + count


def pytest_configure(config: pytest.Config) -> None:
    config.stash[skipped] = {}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker of pytest-xdist: name the group of each test, by which the tests are handed out.

    pytest-xdist 3.8 does that itself, in a way that pytest 9.2 ignores.
    """
    if not hasattr(config, "workerinput") or not config.getoption("loadgroup"):
        return
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        if mark is not None and not item.nodeid.endswith(f"@{mark.args[0]}"):
            item._id = NodeId.parse(f"{item.nodeid}@{mark.args[0]}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark, (_, missing, why, variable) in NEEDS.items():
        if item.get_closest_marker(mark) is None or not (reason := why()):
            continue
        if os.environ.get(variable):
            pytest.fail(f"{missing}, and {variable} is set: {reason}", pytrace=False)
        add_skipped(item.config, {mark: 1})
        pytest.skip(f"{missing}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist: hand the counts to the process that prints the summary."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_SKIPPED] = session.config.stash[skipped]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended."""
    add_skipped(node.config, getattr(node, "workeroutput", {}).get(_SKIPPED, {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for mark, count in config.stash[skipped].items():
        what, missing, _, variable = NEEDS[mark]
        tests = "test" if count == 1 else "tests"
        terminalreporter.write_line(
            f"{count} {what} {tests} skipped: {missing} ({variable}=1 makes that an error)",
            yellow=True,
            bold=True,
        )
    if not hasattr(config, "workerinput"):
        add_totals({outcome: len(reports) for outcome, reports in terminalreporter.stats.items() if outcome})


@pytest.fixture(scope="session")
def no_engine() -> str:
    """Why there is no Docker engine; empty when there is one."""
    return _why_no_engine()


@pytest.fixture(scope="session")
def base_image() -> str:
    """An image to build on: the official one where a registry answers, else one made from Debian packages."""
    return prepare_base_image()
