"""The smallest challenge with patience."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.runs import TINY


@pytest.fixture(scope="session")
def challenge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest challenge; its check waits for an answer as long as it may, so that there is time for a fault."""
    folder = tmp_path_factory.mktemp("challenges") / "tiny"
    shutil.copytree(TINY / "challenge", folder)
    suite = folder / "graders" / "test_answers.py"
    text = suite.read_text()
    assert 'api.get("/healthz")' in text
    suite.write_text(text.replace('api.get("/healthz")', 'api.get("/healthz", deadline_s=80)'))
    return folder
