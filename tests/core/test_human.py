"""What people judge: criteria, levels, and how far two of them agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.review import criteria_of
from harness.errors import UsageError
from harness.human import Rating, agreement, checked, read_criteria
from harness.packs import challenge_folders, find_challenge


def levels(*given: int | None) -> dict[str, Rating]:
    return {f"c{n}": Rating(level=level, skip="" if level is not None else "why") for n, level in enumerate(given)}


def test_agreement_counts_the_same_levels_and_names_the_gaps() -> None:
    found = agreement(levels(1, 2, 4, None), levels(1, 3, 2, 0))
    assert (found.pairs, found.exact, found.gaps, found.kappa) == (3, 1, ("c2",), None)


def test_weighted_kappa_is_one_for_the_same_and_negative_for_the_opposite() -> None:
    same = levels(0, 1, 2, 3, 4, 0)
    assert agreement(same, same).kappa == 1
    opposite = agreement(levels(0, 4, 0, 4, 0, 4), levels(4, 0, 4, 0, 4, 0)).kappa
    assert opposite is not None
    assert opposite < 0


def test_kappa_of_readers_who_never_vary_is_none() -> None:
    assert agreement(levels(*[2] * 6), levels(*[2] * 6)).kappa is None


@pytest.mark.parametrize("name", sorted(challenge_folders()))
def test_every_challenge_has_criteria_with_an_anchor_for_each_level(name: str) -> None:
    criteria = criteria_of(find_challenge(name))
    assert len(criteria) >= 6
    assert all(len(set(criterion.anchors)) == 5 for criterion in criteria)


@pytest.mark.parametrize(
    ("ratings", "says"),
    [
        ({"nonsense": Rating(level=1)}, "no criterion 'nonsense'"),
        ({"structure": Rating()}, "a level, or skip"),
        ({"structure": Rating(level=1, skip="both")}, "a level, or skip"),
        ({}, "nothing is said of structure"),
    ],
)
def test_a_review_that_is_not_whole_is_told(ratings: dict[str, Rating], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        checked(ratings, criteria_of(find_challenge("users_api"))[:1], "x.toml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[criteria]]\nid = 'x'\n", "a criterion is wrong"),
        ("nonsense", "can't be read"),
        ("[[criteria]]\nid = 'abc'\ntitle = 't'\nanchors = ['a', 'b']\n", "anchors"),
    ],
)
def test_wrong_criteria_are_told_by_file_and_key(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "human.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        read_criteria([path])
    assert says in str(error.value)
    assert str(path) in error.value.where
