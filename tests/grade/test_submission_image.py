"""The image of the submission's own Dockerfile: built on request, and never scored."""

from __future__ import annotations

from harness.errors import EnvironmentFault
from tests.grade.conftest import Lab
from tests.grade.frames import all_pass, run


def test_the_submissions_image_is_built_when_it_is_asked_for(lab: Lab) -> None:
    record = lab.grade(run(*all_pass()), own_image=True)
    assert record.own_image == lab.runtime.image
    assert lab.stages[-2:] == ["image", "judge"]


def test_an_image_is_not_built_unless_it_is_asked_for(lab: Lab) -> None:
    lab.runtime.faults["own_image"] = AssertionError("nobody asked")
    assert lab.grade(run(*all_pass())).own_image is None


def test_an_image_that_can_not_be_built_costs_nothing(lab: Lab) -> None:
    lab.runtime.faults["own_image"] = EnvironmentFault("no room", where="/var/lib")
    record = lab.grade(run(*all_pass()), own_image=True)
    assert record.own_image is not None
    assert (record.own_image.path, record.own_image.problem) == ("", "no room\n  where: /var/lib")
    assert record.score.value == 100
    assert record.problem is None
