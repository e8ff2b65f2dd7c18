"""Batches in Docker: killed at any moment, resumed, and the same in the end as undisturbed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.batch.journal import NAME
from harness.mutants import read_mutants
from tests.cli.command import takehome

PACK = Path(__file__).parents[1] / "packaging" / "catalogue" / "counting_pack" / "counting_challenges" / "count_words"
_TABLES = """[checks.well]
tier = "should"
skill = "craft"
level = "junior"
title = "Health"

[limits]
ready_s = 40
"""
_WELL = """
from harness.authoring import Api, check, expect


@check("well", skill="craft", level="junior", passed="It is well", failed="It is not well", why="It was asked for.")
async def test_well(api: Api) -> None:
    reply = (await api.get("/healthz")).expect_status(200)
    expect(reply.json() == {"status": "ok"}, "It says another word", actual=reply.describe())
"""
# Twice the whole of an undisturbed run on the slowest machine.
_DEADLINE_S = 1500.0


@pytest.fixture
def challenge(tmp_path: Path) -> Path:
    """The counting challenge with a cheap check in place of the common ones, and with little patience."""
    folder = tmp_path / "challenges"
    shutil.copytree(PACK, folder / "count_words")
    for name in ("own-tests", "openapi-behaviour"):
        (folder / "count_words" / "mutants" / f"{name}.patch").unlink()
    file = folder / "count_words" / "challenge.toml"
    text = file.read_text()
    text = text[: text.index("[checks.openapi-behaviour]")] + _TABLES
    (folder / "count_words" / "graders" / "test_well.py").write_text(_WELL)
    file.write_text(text)
    return folder


def made(folder: Path) -> Path:
    """References, mutants, alternatives, a crash, a hang, archives that are none, odd names, twins.

    One of them has tests of its own: they are half of a grade's work.
    """
    reference = shutil.copytree(PACK / "reference", folder.parent / "bare", ignore=shutil.ignore_patterns("tests"))

    def project(name: str, change: Callable[[Path], object] = lambda _path: None, *layers: str) -> None:
        shutil.copytree(reference, folder / name)
        for layer in layers:
            read_mutants(PACK / "mutants")[layer].apply(folder / name)
        change(folder / name)

    def main(old: str, new: str) -> Callable[[Path], object]:
        def change(path: Path) -> None:
            file = path / "app" / "main.py"
            text = file.read_text()
            assert old in text
            file.write_text(text.replace(old, new))

        return change

    unwell = main('"status": "ok"', '"status": "fine"')
    for number in range(4):
        project(f"reference-{number}", main('"""Counts words."""', f'"""Counts words, the {number}th way."""'))
    shutil.copytree(PACK / "reference" / "tests", folder / "reference-3" / "tests")
    project("twin", main('"""Counts words."""', '"""Counts words, the 0th way."""'))
    for number in range(2):
        project(f"counting-{number}", lambda _path: None, "counting")
        project(f"unwell-{number}", unwell)
    project("both", unwell, "counting")
    project("crash", main("app = FastAPI(", "raise RuntimeError('at import')\napp = FastAPI("))
    project("exits", main("        yield {", "        os._exit(3)\n        yield {"))
    project("hang", main("        yield {", "        import time; time.sleep(3600)\n        yield {"))
    project("naïve &\nco", main('"""Counts words."""', '"""Oddly named."""'))
    project("silent", main('return {"status": "ok"}', 'raise RuntimeError("never well")'))
    (folder / "empty").mkdir()
    shutil.make_archive(str(folder / "zipped"), "zip", reference)
    shutil.make_archive(str(folder / "tarred"), "gztar", reference)
    (folder / "torn.zip").write_bytes((folder / "zipped.zip").read_bytes()[:400])
    (folder / "text.tar.gz").write_text("no archive at all")
    return folder


def command(submissions: Path, challenge: Path, out: Path) -> list[str]:
    return [
        "batch",
        str(submissions),
        "-c",
        "count_words",
        "--challenges",
        str(challenge),
        "--out",
        str(out),
        "-j",
        "3",
    ]


def offspring(pid: int) -> set[psutil.Process]:
    """What a process has begun, and what that has begun; each is told from a later one of its number by its start."""
    try:
        return set(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return set()


def killed_when(arguments: list[str], journal: Path, event: str, count: int, begun: set[psutil.Process]) -> bool:
    """Begin a batch, SIGKILL it at its `count`th event of a kind; whether it got that far.

    `begun` gets its offspring.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", "from harness.cli import main; main()", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        limit = time.monotonic() + _DEADLINE_S
        while process.poll() is None and time.monotonic() < limit:
            begun |= offspring(process.pid)
            if journal.is_file() and journal.read_text().count(f'"event": "{event}"') >= count:
                return True
            time.sleep(0.05)
        return False
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def left(begun: set[psutil.Process]) -> list[psutil.Process]:
    """Those that still run, after a while in which they may clean up."""
    return [one for one in psutil.wait_procs(begun, timeout=120)[1] if one.is_running()]


def cohort(out: Path) -> object:
    return json.loads((out / "cohort.json").read_text())


def grades_by_id(journal: Path) -> dict[str, int]:
    """How often each submission has been graded, or found to be unreadable."""
    told = [json.loads(line) for line in journal.read_text().splitlines()]
    counts = dict.fromkeys((one["id"] for one in told if "id" in one), 0)
    for one in told:
        if one.get("event") in ("graded", "unreadable"):
            counts[one["id"]] += 1
    return counts


@pytest.mark.docker
@pytest.mark.integration
def test_a_batch_that_is_killed_goes_on_where_it_was_and_grades_each_submission_once(
    tmp_path: Path, challenge: Path, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKEHOME_BASE_IMAGE", base_image)
    submissions, out = made(tmp_path / "submissions"), tmp_path / "out"
    few = ("reference-0", "counting-0", "crash", "torn.zip")
    for path in submissions.iterdir():
        if path.name not in few:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    arguments, begun = command(submissions, challenge, out), set[psutil.Process]()
    assert killed_when(arguments, out / NAME, "graded", 1, begun)
    kept = [one for one in few if grades_by_id(out / NAME).get(one)]
    first = {id_: (out / id_ / "result.json").read_bytes() for id_ in kept if (out / id_ / "result.json").is_file()}
    assert first
    done = takehome(*arguments, timeout_s=_DEADLINE_S)
    assert done.code == 0, done.text
    assert grades_by_id(out / NAME) == dict.fromkeys(few, 1)
    assert {id_: (out / id_ / "result.json").read_bytes() for id_ in first} == first
    document: Any = cohort(out)
    members = {member["id"]: member for member in document["tracks"][0]["members"]}
    assert members["reference-0"]["value"] == 100
    assert members["counting-0"]["value"] < 50
    assert not members["crash"]["gradable"]
    assert [member["id"] for member in document["unread"]] == ["torn.zip"]
    assert left(begun) == []


@pytest.mark.docker
@pytest.mark.extended
def test_a_batch_that_is_killed_again_and_again_ends_like_an_undisturbed_one(
    tmp_path: Path, challenge: Path, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKEHOME_BASE_IMAGE", base_image)
    submissions = made(tmp_path / "submissions")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    undisturbed = takehome(*command(submissions, challenge, whole), timeout_s=_DEADLINE_S)
    assert undisturbed.code == 0, undisturbed.text

    again = command(submissions, challenge, parts)
    begun: set[psutil.Process] = set()
    for event, count in (("started", 2), ("graded", 3), ("started", 12), ("graded", 9)):
        assert killed_when(again, parts / NAME, event, count, begun)
    done = takehome(*again, timeout_s=_DEADLINE_S)
    assert done.code == 0, done.text
    assert cohort(parts) == cohort(whole)

    assert set(grades_by_id(parts / NAME).values()) == {1}
    assert len(begun) >= 4
    assert left(begun) == []

    document = json.dumps(cohort(whole))
    assert len(json.loads(document)["tracks"][0]["members"]) + len(json.loads(document)["unread"]) == 20
    members = {member["id"]: member for member in json.loads(document)["tracks"][0]["members"]}
    assert members["reference-0"]["value"] == members["zipped.zip"]["value"] == members["tarred.tar.gz"]["value"] == 100
    assert members["counting-0"]["value"] < 50 < members["unwell-0"]["value"] < 100
    assert [members[name]["gradable"] for name in ("crash", "exits", "hang")] == [False] * 3
    assert {member["id"] for member in json.loads(document)["unread"]} >= {"torn.zip", "text.tar.gz"}
    own = {
        name: json.loads((whole / name / "result.json").read_text())["own_tests"] for name in ("reference-3", "twin")
    }
    assert (own["reference-3"]["passed"] > 0, own["twin"]) == (True, None)
    assert ["reference-0", "twin"] in json.loads(document)["twice"]


def test_the_process_runtime_is_refused_whatever_is_trusted(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    done = takehome("batch", tmp_path, "-c", "users_api", "--runtime", "process", "--out", tmp_path / "out")
    assert done.code == 2
    assert "graded in Docker" in done.text
    assert not (tmp_path / "out").exists()


@pytest.mark.docker
@pytest.mark.extended
def test_two_batches_into_one_folder_are_refused(tmp_path: Path, challenge: Path, base_image: str) -> None:
    (tmp_path / "s" / "a").mkdir(parents=True)
    out = tmp_path / "out"
    environment = {"TAKEHOME_BASE_IMAGE": base_image}
    process = subprocess.Popen(
        [sys.executable, "-c", "from harness.cli import main; main()", *command(made(tmp_path / "m"), challenge, out)],
        env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        limit = time.monotonic() + 120
        while not (out / NAME).is_file() and time.monotonic() < limit:
            time.sleep(0.05)
        second = takehome(*command(tmp_path / "s", challenge, out), env=environment)
        assert second.code == 2
        assert "another batch is at work" in second.text
        begun = offspring(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(200) == 130
    assert left(begun) == []
