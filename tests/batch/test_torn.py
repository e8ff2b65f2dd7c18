"""Results that can't be read again as soon as they are written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from harness.batch.run import Told
from harness.batch.sources import Source
from harness.batch.worker import Attempt
from tests.batch.fakes import Fake, run


class Tearing(Fake):
    """What it writes of `b` is half of it."""

    def __call__(self, source: Source, folder: Path, say: Callable[[str], None], cancelled: threading.Event) -> Attempt:
        attempt = super().__call__(source, folder, say, cancelled)
        if source.id == "b":
            text = (folder / "result.json").read_text()
            (folder / "result.json").write_text(text[: len(text) // 2])
        return attempt


def test_a_result_that_is_torn_is_a_fault_of_ours_and_no_grade(tmp_path: Path) -> None:
    told: list[Told] = []
    outcome = run(tmp_path, Tearing(), told=told)
    assert (outcome.graded, outcome.faults) == (3, {"b": "harness"})
    assert [(one.kind, one.text) for one in told if one.id == "b"][-1] == ("fault", "the result can't be read again")


def test_a_torn_result_is_graded_again_by_the_same_command(tmp_path: Path) -> None:
    run(tmp_path, Tearing())
    again = Fake()
    assert run(tmp_path, again).graded == 1
    assert again.asked == ["b"]
