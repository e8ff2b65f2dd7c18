"""How long an empty request takes, next to the reference."""

from __future__ import annotations

import pytest

from harness.reporting.latency import Latency, Spread, latency
from tests.reporting.records import make_check, make_record


def compare(own: list[float], reference: list[float]) -> Latency | None:
    return latency(make_record([make_check("c")], pulse=own, reference_pulse=reference))


def test_both_services_have_their_requests_in_order_with_median_and_ninth_decile() -> None:
    own, reference = [2.7777, *([2.2222] * 9)], [2.0] * 10
    assert compare(own, reference) == Latency(
        spreads=(
            Spread("This submission", (*([2.2222] * 9), 2.7777), 2.22, 2.78),
            Spread("The reference", (2.0,) * 10, 2.0, 2.0),
        ),
        longest=2.78 * 1.25,
        unsure=(2 / 1.5, 3.0),
        says="no difference that could be told here (less than 1.5 times)",
    )


@pytest.mark.parametrize(("own", "reference", "compared"), [(10, 10, True), (9, 10, False), (10, 9, False)])
def test_ten_requests_of_each_are_enough(own: int, reference: int, compared: bool) -> None:
    assert (compare([2.0] * own, [2.0] * reference) is not None) == compared


@pytest.mark.parametrize(
    ("own", "reference", "says"),
    [
        (3.0, 2.0, "no difference that could be told here (less than 1.5 times)"),
        (2.0, 3.0, "no difference that could be told here (less than 1.5 times)"),
        (1.0, 0.0, "no difference that could be told here (less than 1.5 times)"),
        (3.2, 2.0, "about 1.6 times as long"),
        (2.0, 3.2, "about 1.6 times as fast"),
    ],
)
def test_only_more_than_half_as_long_again_is_a_difference(own: float, reference: float, says: str) -> None:
    found = compare([own] * 10, [reference] * 10)
    assert found is not None
    assert found.says == says


def test_a_machine_whose_slow_requests_take_half_as_long_again_is_not_busy() -> None:
    found = compare([*([2.0] * 9), 3.0], [2.0] * 10)
    assert found is not None
    assert found.says.startswith("no difference")
