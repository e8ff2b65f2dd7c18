"""Where the time of a grade went."""

from __future__ import annotations

from harness.reporting.timeline import Bar, Timeline, timeline
from tests.reporting.records import make_check, make_record


def test_a_bar_has_its_name_its_share_of_the_whole_and_where_its_check_stands() -> None:
    record = make_record(
        [make_check("slow", seconds=2.0), make_check("quick", "fail", seconds=0.001)],
        timings={"ready": 3.0, "total": 10.0},
        began={"check:slow": 4.0, "check:quick": 3.0, "ready": 0.0},
    )
    assert timeline(record, {"slow": "check-slow"}) == Timeline(
        bars=(
            Bar("Its start, until it answered", 0.0, 3.0, 0.0, 0.3),
            Bar("quick", 3.0, 0.001, 0.3, 0.002, "fail", ""),
            Bar("slow", 4.0, 2.0, 0.4, 0.2, "pass", "check-slow"),
        ),
        total=10.0,
    )


def test_only_stages_of_the_timeline_whose_time_is_known_and_checks_that_ran_are_drawn() -> None:
    record = make_record(
        [make_check("stuck", "blocked", seconds=1.0)],
        timings={"ingest": 1.0, "pod": 5.0, "total": 6.0},
        began={"ingest": 0.0, "image": 0.0, "pod": 1.0, "check:stuck": 2.0},
    )
    assert [bar.name for bar in timeline(record, {}).bars] == ["Reading the submission"]


def test_without_a_total_the_timeline_ends_with_the_last_bar() -> None:
    record = make_record([make_check("c")], timings={"ingest": 0.25}, began={"ingest": 0.25})
    assert timeline(record, {}) == Timeline((Bar("Reading the submission", 0.25, 0.25, 0.5, 0.5),), 0.5)


def test_there_is_no_timeline_where_nothing_began_or_nothing_took_time() -> None:
    assert timeline(make_record([make_check("c")], timings={"total": 9.0}), {}) == Timeline()
    still = make_record([make_check("c")], timings={"ingest": 0.0}, began={"ingest": 0.0})
    assert timeline(still, {}) == Timeline()
