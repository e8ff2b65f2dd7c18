"""A batch whose grades are made up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.batch.journal import Journal
from harness.batch.results import Results
from harness.batch.run import Batch, Outcome, Told
from harness.batch.sources import Source
from harness.batch.worker import Attempt
from harness.record import GradeRecord
from tests.reporting.records import make_check, make_record

SOURCES = [Source(id_, id_, f"/nowhere/{id_}") for id_ in ("a", "b", "c", "d")]
Grade = Callable[[Source, int], Attempt]


def passing(source: Source, _try: int, outcome: str = "pass") -> Attempt:
    record = make_record([make_check("create-user", outcome)])  # type: ignore[arg-type]
    return Attempt(
        "graded", record.model_copy(update={"submission": record.submission.model_copy(update={"id": source.id})})
    )


class Fake:
    """Grades by a function, writes what a real one writes, and counts."""

    def __init__(self, grade: Grade = passing) -> None:
        self.asked: list[str] = []
        self._grade = grade
        self._lock = threading.Lock()

    def __call__(
        self, source: Source, folder: Path, _say: Callable[[str], None], _cancelled: threading.Event
    ) -> Attempt:
        with self._lock:
            self.asked.append(source.id)
        attempt = self._grade(source, self.asked.count(source.id))
        if attempt.record is not None:
            write(folder, attempt.record)
        return attempt


def write(folder: Path, record: GradeRecord) -> None:
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(record.model_dump_json())


def run(
    folder: Path, fake: Fake, jobs: int = 2, why: dict[str, list[str]] | None = None, told: list[Told] | None = None,
    cancelled: threading.Event | None = None, sources: Sequence[Source] = SOURCES,
) -> Outcome:  # fmt: skip
    with Journal(folder, "users_api") as journal:
        listen = (told if told is not None else []).append
        return Batch(sources, journal, Results(folder), fake, listen, cancelled or threading.Event(), why=why).run(jobs)
