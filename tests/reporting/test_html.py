"""The page: its form, its safety and what it says."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import subprocess
import sys

import pytest

from harness.record import GradeRecord, OwnImage
from harness.reporting.html import render_html
from harness.reporting.page import rule_url
from tests.packaging.tree import ROOT
from tests.reporting import records
from tests.reporting.page import HEADINGS, Page
from tests.reporting.records import make_check, make_record


@pytest.fixture(scope="module", params=records.ALL)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(render_html(records.ALL[request.param]()))


def of(name: str) -> Page:
    return Page(render_html(records.ALL[name]()))


def test_every_tag_is_closed_and_no_attribute_is_there_twice(page: Page) -> None:
    assert page.faults == []


def test_ids_are_unique_and_every_reference_has_its_target(page: Page) -> None:
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    links = {e.attributes["href"][1:] for e in page.elements if e.attributes.get("href", "").startswith("#")}
    labels = {e.attributes["aria-labelledby"] for e in page.elements if "aria-labelledby" in e.attributes}
    assert sorted((links | labels) - set(ids)) == []


def test_there_is_one_h1_and_no_heading_skips_a_level(page: Page) -> None:
    levels = [int(e.tag[1]) for e in page.all(*HEADINGS)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_landmarks_and_table_headers_are_there(page: Page) -> None:
    assert [len(page.all(tag)) for tag in ("main", "header", "footer", "nav")] == [1, 1, 1, 1]
    assert all(e.attributes.get("scope") in ("row", "col") for e in page.all("th"))
    assert all(e.attributes.get("aria-label") for e in page.all("pre"))


def test_nothing_is_loaded_and_nothing_is_inline(page: Page) -> None:
    for element in page.elements:
        names = set(element.attributes)
        assert not {n for n in names if n.startswith("on")} | names & {"style", "src", "srcset", "action"}
    outside = {e.attributes["href"] for e in page.elements if not e.attributes.get("href", "#").startswith("#")}
    assert all(re.match(r"https://(mypy\.readthedocs\.io|docs\.astral\.sh)/", address) for address in outside)
    assert {e.tag for e in page.elements} & {"link", "img", "iframe", "object", "embed", "form", "base"} == set()
    assert "url(" not in page.all("style")[0].text
    assert "@import" not in page.all("style")[0].text


def test_the_policy_allows_the_one_style_and_the_one_script_by_hash(page: Page) -> None:
    (style,), (script,) = page.all("style"), page.all("script")
    (policy,) = [e for e in page.all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    said = policy.attributes["content"]
    for name, text in (("style-src", style.text), ("script-src", script.text)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in said
    assert said.startswith("default-src 'none';")
    assert "unsafe" not in said


def test_the_page_holds_no_control_or_bidi_character(page: Page) -> None:
    hidden = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    assert re.findall(hidden, page.source) == []


def test_hostile_text_is_shown_as_text() -> None:
    page = of("hostile")
    assert 'document.title="PWNED"' in page.text
    assert "{{ 7*7 }}{% raw %}" in page.text
    assert "\\u202egnp.exe" in page.text
    assert len(page.all("script")) == 1


def test_a_very_long_text_is_cut_and_says_so() -> None:
    assert "10000 more characters" in of("hostile").text
    assert "A" * 20_001 not in of("hostile").source


def test_the_same_record_gives_the_same_bytes_in_any_process() -> None:
    program = (
        "import hashlib; from tests.reporting import records; from harness.reporting.html import render_html;"
        "print(hashlib.sha256(render_html(records.typical()).encode()).hexdigest())"
    )
    here = hashlib.sha256(render_html(records.typical()).encode()).hexdigest()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PATH": ""}, cwd=ROOT, text=True,
            capture_output=True, timeout=120, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == here


def test_a_record_renders_the_same_after_a_round_trip_through_json() -> None:
    record = records.typical()
    again = type(record).model_validate_json(record.model_dump_json())
    assert render_html(again) == render_html(record)


def test_the_top_says_score_band_bounds_and_share_assessed() -> None:
    grade = " ".join(of("typical").by_id("grade").text.split())
    for said in ("Partly meets the brief", "67.4 / 100", "Bounds 66.1 to 78.5, 98 % assessed", "8 of 14 checks pass"):
        assert said in grade


def test_a_grade_that_is_none_shows_no_number() -> None:
    for name in ("engine-gone", "never-started"):
        page = of(name)
        assert "Not gradable, run again" in page.by_id("grade").text
        assert "/ 100" not in page.text
        assert not [e for e in page.elements if "points" in e.attributes.get("class", "").split()]


def test_a_grade_that_is_none_says_what_where_next_and_whose_fault() -> None:
    grade = " ".join(of("engine-gone").by_id("grade").text.split())
    for said in (
        "the Docker engine stopped answering", "probe, after 31 s", "takehome doctor", "not the candidate's",
        "Nothing here is held against the candidate",
    ):  # fmt: skip
        assert said in grade
    theirs = " ".join(of("never-started").by_id("grade").text.split())
    assert "the submission's" in theirs
    assert "held against" not in theirs


def test_a_blocked_check_stands_under_its_cause_and_is_no_finding_of_its_own() -> None:
    page = of("typical")
    assert "A bad row leaves nothing behind" in page.by_id("check-duplicate-email-race").text
    assert page.by_id("check-bulk-atomicity").tag == "li"


def test_what_was_not_assessed_is_shown_as_ours() -> None:
    card = " ".join(of("typical").by_id("check-graceful-shutdown").text.split())
    assert "not the candidate's" in card
    assert "not counted" in card


def test_a_finding_says_all_that_a_candidate_can_learn_from() -> None:
    card = " ".join(of("typical").by_id("check-duplicate-email-race").text.split())
    for said in (
        "One address made 3 users", "Why it matters", "one 201, the rest 409", "a unique index on lower(email)",
        "POST /v1/users", "Came back after 41 ms", "QueuePool limit", "takehome rerun duplicate-email-race RESULT",
    ):  # fmt: skip
        assert said in card
    assert "app/routers/users.py:48" in of("typical").by_id("check-types").text


def test_a_candidate_s_own_report_says_so_and_holds_no_interview() -> None:
    page = of("visible-only")
    assert "Visible checks only." in page.text
    assert "Sounds senior" not in page.text


def test_the_end_says_how_to_grade_it_again() -> None:
    about = " ".join(of("typical").by_id("about").text.split())
    assert "takehome grade SUBMISSION -c users_api --app app.main:app --seed 4711" in about
    for said in ("5f1c5f1c", "Docker 20.10.24", "requirements.txt names no version of httpx", "58.9 s"):
        assert said in about


def test_a_record_without_a_single_check_renders() -> None:
    assert "Not gradable" in Page(render_html(make_record([]))).text


def test_full_marks_have_no_findings_and_say_every_must_have_is_met() -> None:
    page = of("all-passed")
    assert not [e for e in page.elements if e.attributes.get("id") == "findings"]
    assert {e.text for e in page.all("b") if e.attributes.get("class") == "word"} == {"met"}


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "http://docs.astral.sh/ruff", "https://docs.astral.sh.evil.example/",
        "https://docs.astral.sh@evil.example/", "https://[", "https://docs.astral.sh/\n", "//docs.astral.sh/",
    ],
)  # fmt: skip
def test_an_address_of_a_stranger_is_no_link(address: str) -> None:
    assert rule_url(address) == ""


def test_an_address_of_a_rule_is_a_link() -> None:
    assert rule_url("https://docs.astral.sh/ruff/rules/unused-import") != ""


def test_two_checks_of_one_name_have_places_of_their_own() -> None:
    page = Page(render_html(make_record([make_check("same"), make_check("same", "fail")])))
    assert page.by_id("check-same").tag == page.by_id("check-same--2").tag == "details"


def test_what_was_seen_in_the_code_stands_in_a_section_of_its_own_with_what_is_left_out() -> None:
    text = of("typical").text
    assert "Worth a question The event loop is blocked (25 places)" in text
    assert "app/main.py:20 time.sleep blocks the event loop … and 5 more" in text
    assert "Good habits Start and end are one lifespan (1 place)" in text
    assert "Seen in the code" not in of("never-started").text


def test_their_tests_are_called_scored_where_a_check_scores_them() -> None:
    assert "on an empty database. None of it is scored." in of("typical").text
    record = records.typical()
    checks = [*record.checks, make_check("own-tests", "pass")]
    assert "A check of the challenge scores them." in said_of(record.model_copy(update={"checks": checks}))


def said_of(record: GradeRecord) -> str:
    return Page(render_html(record)).text


def test_getting_it_to_run_is_told_where_there_is_something_to_tell() -> None:
    record = records.typical()
    assert "Getting it to run" not in of("typical").text
    image = OwnImage(path="Dockerfile", seconds=12.0, bytes=149_000_000, user="1000", log=["Step 1/2 : FROM <b>x</b>"])
    timings = {**record.timings, "ready": 1.5}
    text = said_of(record.model_copy(update={"own_image": image, "reference_ready": 0.75, "timings": timings}))
    assert "It answered 1.5 s after its start" in text
    assert "(about 2 times as long)" in text
    assert "Its Dockerfile builds in 12 s: 149 MB, run as '1000'." in text
    assert "FROM <b>x</b>" in text
    failed = OwnImage(path="Dockerfile", problem="pip failed.")
    assert "No image came of its Dockerfile: pip failed." in said_of(record.model_copy(update={"own_image": failed}))


def test_the_candidates_own_tests_stand_in_a_section_of_their_own() -> None:
    text = of("typical").text
    assert "40 of 42 tests pass (2 skipped); 87 % of the statements ran; 1 of 2 faults in the answers noticed." in text
    assert "a list lacks its last row not noticed" in text
    assert "a field is missing noticed, by tests/test_api.py::test_read" in text
    assert "tests/test_api.py::test_page assert 19 == 20" in text
    assert "Their own tests" not in of("never-started").text
