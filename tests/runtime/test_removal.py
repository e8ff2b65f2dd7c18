"""Removing what the engine does not let go at once: waited for, and never for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
from docker.errors import APIError, NotFound

from harness.runtime.docker import containers
from harness.runtime.docker.containers import remove_surely

CONFLICT, BROKEN = 409, 500


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_AGAIN_S", 0.02)


def failure(status: int) -> APIError:
    answer = requests.Response()
    answer.status_code = status
    return APIError("no", answer)


def scripted(*answers: Exception | None) -> tuple[Callable[[], None], Iterator[Exception | None]]:
    """A removal that ends in one way after the other, and those that are still to come."""
    to_come = iter(answers)

    def remove() -> None:
        if (answer := next(to_come)) is not None:
            raise answer

    return remove, to_come


@pytest.mark.parametrize("end", [None, NotFound("gone")], ids=["removed by us", "removed by somebody else"])
def test_what_is_being_removed_or_in_use_is_waited_for(end: Exception | None) -> None:
    remove, to_come = scripted(*[failure(CONFLICT)] * 5, end)
    remove_surely(remove)
    assert list(to_come) == []


def test_what_stays_in_use_is_given_up() -> None:
    asked = 0

    def remove() -> None:
        nonlocal asked
        asked += 1
        raise failure(CONFLICT)

    remove_surely(remove, deadline_s=0.5)
    assert asked >= 2


@pytest.mark.parametrize("error", [failure(BROKEN), requests.ConnectionError("no engine")], ids=["broken", "gone"])
def test_an_engine_that_fails_is_asked_a_few_times(error: Exception) -> None:
    remove, to_come = scripted(*[error] * 4)
    remove_surely(remove)
    assert len(list(to_come)) == 1
