"""What the whole suite shares: the order of the tests, and what happens to those that need more than Python.

A test that needs a Docker engine or a browser is never dropped in silence: the summary counts it, and where
TAKEHOME_REQUIRE_DOCKER=1 (TAKEHOME_REQUIRE_BROWSER=1) is set it fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cache

import docker
import pytest
from docker.errors import DockerException

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
COST = ("slow", "browser", "docker", "late")

skipped = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[skipped] = {}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The cheap tests first; the order in which they were written otherwise.

    Those marked `alone` before all others: the verifications and the attacks, which begin with the first test of their
    folder and go on in threads beside the others, must not see what they change.
    """

    def cost(item: pytest.Item) -> tuple[bool, int]:
        marks = sum(2**rank for rank, mark in enumerate(COST) if item.get_closest_marker(mark))
        return item.get_closest_marker("alone") is None, marks

    items.sort(key=cost)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark, (_, missing, why, variable) in NEEDS.items():
        if item.get_closest_marker(mark) is None or not (reason := why()):
            continue
        if os.environ.get(variable):
            pytest.fail(f"{missing}, and {variable} is set: {reason}", pytrace=False)
        counts = item.config.stash[skipped]
        counts[mark] = counts.get(mark, 0) + 1
        pytest.skip(f"{missing}: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for mark, count in config.stash[skipped].items():
        what, missing, _, variable = NEEDS[mark]
        tests = "test" if count == 1 else "tests"
        terminalreporter.write_line(
            f"{count} {what} {tests} skipped: {missing} ({variable}=1 makes that an error)",
            yellow=True,
            bold=True,
        )


@pytest.fixture(scope="session")
def no_engine() -> str:
    """Why there is no Docker engine; empty when there is one."""
    return _why_no_engine()


@pytest.fixture(scope="session")
def base_image() -> str:
    """An image to build on: the official one where a registry answers, else one made from Debian packages."""
    from harness.errors import EnvironmentFault
    from harness.runtime.docker.base_image import bootstrap, find_base
    from harness.runtime.docker.engine import connect

    client = connect(timeout_s=600)
    try:
        return find_base(client, os.environ.get("TAKEHOME_BASE_IMAGE"))
    except EnvironmentFault:
        return bootstrap(client)
