"""The check that a mutant has to fail: it runs before the others, and these only when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prober.host import Told, probe, suite

pytestmark = pytest.mark.integration

THREE = """
@check("one", **told())
async def test_one(api: Api):
    (await api.get("/healthz")).expect_status(200)

@check("two", **told(), after="one")
async def test_two(api: Api):
    (await api.get("/healthz")).expect_status({two})

@check("three", **told())
async def test_three(api: Api):
    (await api.get("/healthz")).expect_status(200)
"""


def told(folder: Path, two: int, first: str) -> Told:
    return probe(suite(folder, THREE.replace("{two}", str(two))), hello={"first": first})


def outcomes(found: Told) -> dict[str, str]:
    return {frame["id"]: frame["outcome"] for frame in found.of("check")}


def test_it_runs_first_but_for_what_it_needs_and_the_others_follow_when_it_fails(tmp_path: Path) -> None:
    found = told(tmp_path / "g", 418, "two")
    assert found.order() == ["one", "two", "three"]
    found = told(tmp_path / "h", 200, "three")
    assert found.order()[0] == "three"


def test_when_it_passes_the_others_are_not_run(tmp_path: Path) -> None:
    found = told(tmp_path / "g", 200, "three")
    assert outcomes(found) == {"three": "pass", "one": "not_assessed", "two": "not_assessed"}
    assert "the check that had to fail passed" in found.result("one")["reason"]


def test_when_it_fails_the_service_is_started_afresh_for_the_others(tmp_path: Path) -> None:
    found = told(tmp_path / "g", 418, "two")
    assert outcomes(found) == {"one": "pass", "two": "fail", "three": "pass"}
    assert [frame["op"] for frame in found.of("request") if frame["op"] in ("restart", "start")] == ["restart"]


def test_without_one_the_order_is_as_declared_and_nothing_is_started_afresh(tmp_path: Path) -> None:
    found = told(tmp_path / "g", 418, "")
    assert found.order() == ["one", "two", "three"]
    assert [frame["op"] for frame in found.of("request") if frame["op"] in ("restart", "start")] == []
