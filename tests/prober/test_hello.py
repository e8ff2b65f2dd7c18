"""What the prober is told, and what checks may know of it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.prober.hello import read_hello

FRAME: dict[str, Any] = {
    "kind": "hello", "challenge": "c", "seed": 1, "graders": [], "checks": None, "base_url": "http://127.0.0.1:1/",
}  # fmt: skip


def test_in_a_grade_every_check_measures_in_full() -> None:
    assert read_hello({**FRAME, "full": None}).settings().in_full("a")


def test_in_a_hurry_only_what_is_under_proof_does() -> None:
    settings = read_hello({**FRAME, "full": ["a"]}).settings()
    assert (settings.in_full("a"), settings.in_full("b")) == (True, False)


@pytest.mark.parametrize("change", [{"kind": "go"}, {"seed": "x"}, {"graders": 7}, {"full": 7}, {"environment": "x"}])
def test_a_frame_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="host"):
        read_hello({**FRAME, **change})
