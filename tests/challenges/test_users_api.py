"""The bundled challenge proves itself, on a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.grade import GradeRequest, grade
from harness.packs import find_challenge
from harness.record import GradeRecord
from harness.runtime.base import Runtime
from harness.runtime.process import ProcessRuntime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from harness.verify import verify


def lost(record: GradeRecord) -> dict[str, str]:
    return {c.id: f"{c.outcome}: {c.summary} {c.reason}" for c in record.checks if c.outcome != "pass"}


@pytest.fixture(scope="module")
def docker_runtime(base_image: str) -> Runtime:
    from harness.runtime.docker import DockerRuntime
    from harness.runtime.docker.build import BuildOptions

    return DockerRuntime(base_image=base_image, options=BuildOptions(ca_bundle(None)))


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(2000)
def test_the_reference_scores_100_and_each_variant_loses_exactly_its_check(docker_runtime: Runtime) -> None:
    challenge = find_challenge("users_api")
    found = verify(challenge, lambda: docker_runtime, jobs=2, on_verdict=lambda v: print(v.case, v.complaints))
    complaints = {v.case.name: v.complaints for v in found.verdicts if v.complaints}
    assert complaints == {}
    assert found.unproven == []
    assert next(v for v in found.verdicts if v.case.role == "reference").value == 100


@pytest.mark.slow
def test_the_reference_scores_100_without_an_engine() -> None:
    challenge = find_challenge("users_api")
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    record = grade(GradeRequest(str(challenge.reference), challenge), lambda: runtime)
    assert lost(record) == {}
    assert record.score.value == 100
    assert record.band == "exceeds"


@pytest.mark.slow
def test_the_sample_is_honest_and_not_perfect() -> None:
    challenge = find_challenge("users_api")
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    record = grade(GradeRequest(str(challenge.folder / "sample"), challenge), lambda: runtime)
    assert record.gradable
    assert 50 <= (record.score.value or 0) < 95
    assert "not_assessed" not in {c.outcome for c in record.checks}


def test_every_check_has_a_broken_variant_and_every_variant_a_check() -> None:
    challenge = find_challenge("users_api")
    assert set(challenge.variants()) == set(challenge.spec.checks)


def test_the_brief_names_every_check() -> None:
    challenge = find_challenge("users_api")
    brief = challenge.brief.read_text("utf-8")
    visible = [i for i, c in challenge.spec.checks.items() if c.visible]
    assert [i for i in visible if f"`{i}`" not in brief] == []


def test_the_candidates_view_holds_no_hidden_check(tmp_path: Path) -> None:
    from tests.cli.command import takehome

    challenge = find_challenge("users_api")
    done = takehome(
        "check",
        challenge.starter,
        "-c",
        "users_api",
        "--runtime",
        "process",
        "--out",
        tmp_path,
    )
    assert done.code == 0, done.text
    written = done.text + (tmp_path / "result.json").read_text() + (tmp_path / "report.html").read_text()
    hidden = {i: c for i, c in challenge.spec.checks.items() if not c.visible}
    # An id such as `restart` is also a word.
    assert [i for i in hidden if f'"{i}"' in written or f"`{i}`" in written or f"({i}" in written] == []
    assert [c.title for c in hidden.values() if c.title in written] == []
