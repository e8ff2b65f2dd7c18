"""What changed since an earlier run."""

from __future__ import annotations

from harness.record import GradeRecord
from harness.reporting.progress import Change, Progress, progress
from tests.reporting.records import make_check, make_record


def with_digest(record: GradeRecord, digest: str) -> GradeRecord:
    return record.model_copy(update={"submission": record.submission.model_copy(update={"digest": digest})})


def test_progress_has_both_scores_and_only_the_checks_that_ended_otherwise() -> None:
    earlier = [make_check("a", "fail"), make_check("b"), make_check("c"), make_check("d", "not_applicable")]
    later = [make_check("a"), make_check("b"), make_check("c", "partial", fraction=0.5), make_check("d")]
    before = make_record(earlier, started_at="2026-03-01T00:00:00+00:00")
    after = with_digest(make_record([*later, make_check("new")]), "sha256:11")
    assert progress(before, after) == Progress(
        when="2026-03-01T00:00:00+00:00",
        before=66.7,
        after=90.0,
        better=(Change(earlier[0], later[0]),),
        worse=(Change(earlier[2], later[2]),),
        same_code=False,
    )


def test_scores_of_all_checks_and_of_the_visible_ones_are_not_set_side_by_side() -> None:
    found = progress(make_record([make_check("a")]), make_record([make_check("a")], visible_only=True))
    assert found is not None
    assert (found.before, found.after) == (None, 100)


def test_code_without_a_digest_is_not_called_the_same() -> None:
    record = with_digest(make_record([make_check("a")]), "")
    found = progress(record, record)
    assert found is not None
    assert not found.same_code
