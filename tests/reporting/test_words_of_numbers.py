"""How numbers, sizes and times are told."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from harness.reporting import words


@pytest.mark.parametrize(("value", "told"), [(12.0, "12"), (12.34, "12.3"), (0.04, "0"), (100, "100")])
def test_a_number_has_at_most_one_decimal_and_no_zero_behind_the_point(value: float, told: str) -> None:
    assert words.number(value) == told


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0, "0 %"), (0.5, "50 %"), (0.876, "88 %"), (0.9949, "99 %"), (0.995, "99 %"), (0.9999, "99 %"), (1.0, "100 %")],
)
def test_a_share_is_rounded_but_never_up_to_the_whole(share: float, told: str) -> None:
    assert words.percent(share) == told


def test_a_percentage_is_told_as_a_share_of_100_is() -> None:
    assert (words.whole_percent(86.6), words.whole_percent(99.99), words.whole_percent(100)) == (
        "87 %",
        "99 %",
        "100 %",
    )


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (1023 * 1024, "1023 KiB"),
        (1024**2, "1.0 MiB"),
        (100 * 1024**2, "100.0 MiB"),
    ],
)
def test_a_size_is_told_in_the_largest_unit_that_leaves_at_least_one(amount: int, told: str) -> None:
    assert words.size(amount) == told


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock is nine hours ahead of UTC."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
def test_a_moment_is_told_in_utc_wherever_the_machine_stands() -> None:
    assert words.moment("2026-12-04T15:03:22+01:00") == "4 December 2026, 14:03 UTC"


def test_a_moment_without_a_zone_is_told_without_one() -> None:
    assert words.moment("2026-01-04T15:03:22") == "4 January 2026, 15:03"
