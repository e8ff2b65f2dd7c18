"""One browser for all tests of pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import BROWSERS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, driven from here."""
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium: scripts/browser installs one")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=120_000
        )
        try:
            yield found
        finally:
            found.close()
