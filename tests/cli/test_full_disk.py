"""A full disk: the message says so, and an earlier result stays whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import takehome
from tests.cli.test_bad_input import TINY

pytestmark = pytest.mark.integration


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 64 kB that holds an earlier result and nothing more."""
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("mounting a small file system needs root")
    try:
        (folder / "result.json").write_text("earlier")
        with (folder / "filler").open("wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_is_an_environment_fault_and_keeps_the_earlier_result(full: Path) -> None:
    done = takehome(
        "grade",
        TINY / "curious",
        "-c",
        TINY / "challenge",
        "--out",
        full,
        "--runtime",
        "process",
        "--i-trust-this-code",
        "--no-baseline",
    )
    assert done.code in (2, 3), done.text
    assert "No space left" in done.text
    assert "Traceback" not in done.err
    assert (full / "result.json").read_text() == "earlier"
    assert sorted(p.name for p in full.iterdir()) == ["filler", "result.json"]
