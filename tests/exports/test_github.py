"""What GitHub Actions reads line by line, and what it draws: neither can be steered by a submission."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from harness.exports import FORMATS
from harness.exports.markdown import fenced, in_html, inline
from harness.exports.summary import MOST_BYTES
from harness.record import Tier
from tests.exports.catalogue import ALL, BAD, HUGE
from tests.reporting import records

COMMAND = re.compile(r"::(error|warning|notice)(?: ([^:]*(?:%3A[^:]*)*))?::(.*)")
# The tags of the summary's own layout, and those that Markdown makes of it.
OURS = {"h2", "p", "strong", "details", "summary", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"}


def commands(name: str, prefix: str = "") -> list[re.Match[str]]:
    lines = FORMATS["github-annotations"](ALL[name](), prefix).splitlines()
    found = [COMMAND.fullmatch(line) for line in lines]
    assert all(found), lines
    return [match for match in found if match]


class Tags(HTMLParser):
    """The tags and comments of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.comments: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_comment(self, data: str) -> None:
        self.comments.add(data)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def drawn(text: str) -> Tags:
    return Tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


@pytest.mark.parametrize("name", ALL)
def test_there_are_never_more_annotations_of_a_kind_than_github_shows(name: str) -> None:
    kinds = [match[1] for match in commands(name)]
    assert all(kinds.count(kind) <= 10 for kind in ("error", "warning", "notice"))


def test_what_is_more_than_ten_is_counted() -> None:
    last = commands("many")[-1]
    assert last[1] == "error"
    assert re.match(r"159591 more findings", last[3])


def test_each_check_comes_to_word_before_any_comes_twice() -> None:
    titles = [match[2] for match in commands("many")[:9]]
    assert len(set(titles)) == 9


def test_errors_come_before_warnings_and_warnings_before_notices() -> None:
    tiers: tuple[Tier, ...] = ("bonus", "should", "must")
    checks = [records.make_check(tier, "fail", tier=tier, points=9 - n) for n, tier in enumerate(tiers)]
    lines = FORMATS["github-annotations"](records.make_record(checks), "").splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::warning", "::notice"]


def test_what_our_side_spoilt_is_one_warning_that_says_so() -> None:
    (line,) = FORMATS["github-annotations"](records.engine_gone(), "").splitlines()
    assert line.startswith("::warning title=Not graded::the Docker engine stopped answering.")
    assert line.endswith("nothing is held against the submission.")


def test_a_title_is_no_longer_than_github_takes() -> None:
    record = records.make_record([records.make_check("a", "fail", title="ü: " * 100)])
    (line,) = FORMATS["github-annotations"](record, "").splitlines()
    title = line.partition("title=")[2].partition("::")[0].replace("%3A", ":")
    assert (len(title), title[-1]) == (255, "…")


@pytest.mark.parametrize("name", ALL)
def test_an_annotation_has_a_path_below_the_prefix_and_a_line(name: str) -> None:
    for match in commands(name, "work"):
        if match[2] and "file=" in match[2]:
            assert re.match(r"file=work/(?!.*\.\./)[^,]+,line=[1-9]\d*,title=", match[2])


def test_the_runner_reads_an_annotation_back_as_it_was_meant() -> None:
    check = records.make_check("a", "fail", tier="must", title="50 %: a, b", summary="x%0Ay\nz::error::w")
    (line,) = FORMATS["github-annotations"](records.make_record([check]), "").splitlines()
    assert line.startswith("::error file=app/main.py,line=1,title=50 %25%3A a%2C b::x%250Ay%0Az::error::w")


@pytest.mark.parametrize("name", ALL)
def test_a_summary_is_small_enough_to_be_shown(name: str) -> None:
    assert len(FORMATS["github-summary"](ALL[name](), "").encode()) <= MOST_BYTES


def test_a_summary_that_was_cut_says_so() -> None:
    assert re.search(r"\d+ more parts left out", FORMATS["github-summary"](ALL["many"](), ""))


def test_a_summary_that_was_cut_has_every_check_in_its_table() -> None:
    record = ALL["many"]()
    rows = re.findall(r"^\| ❌ \| (\w+) \|", FORMATS["github-summary"](record, ""), re.M)
    assert rows == [check.id for check in record.checks]


def test_of_a_summary_the_details_of_what_matters_least_are_cut_first() -> None:
    text = "reason " * 700
    tiers: list[Tier] = ["bonus", "should", "must"]
    checks = [
        records.make_check(f"{tier}{n}", "fail", tier=tier, points=1 - rank / 9, title=f"{tier}{n}", expected=text)
        for rank, tier in enumerate(tiers)
        for n in range(100)
    ]
    summary = FORMATS["github-summary"](records.make_record(checks), "")
    told = re.findall(r"<summary>([a-z]+)\d", summary)
    left = re.findall(r"(\d+) more parts left out", summary)
    assert (told.count("must"), told.count("should"), told.count("bonus")) == (100, 100, len(told) - 200)
    assert left == [str(300 - len(told))]
    assert 0 < len(told) - 200 < 100
    # As they stand without a cut: what cost most comes first.
    assert told == sorted(told, key=tiers.index)


def test_what_a_cut_summary_says_of_the_cut_has_its_place_in_the_limit() -> None:
    # Rows of 16 bytes, so that hardly any are free.
    record = records.make_record([records.make_check("a", title="b", points=0.001)])
    summary = FORMATS["github-summary"](record.model_copy(update={"checks": record.checks * 60_000}), "")
    assert MOST_BYTES - 32 < len(summary.encode()) <= MOST_BYTES
    assert summary.endswith(" more parts left out: `result.json` has all.\n")


def test_a_table_that_is_too_large_by_itself_is_cut_as_well() -> None:
    checks = [records.make_check(f"c{n}-" + "|" * 110, title="`" * 190, points=0.1) for n in range(3000)]
    summary = FORMATS["github-summary"](records.make_record(checks), "")
    rows = len(re.findall(r"^\| ✅", summary, re.M))
    assert len(summary.encode()) <= MOST_BYTES
    assert summary.endswith(f"\n{3000 - rows} more parts left out: `result.json` has all.\n")


@pytest.mark.parametrize("name", ALL)
def test_a_summary_has_no_tag_but_ours(name: str) -> None:
    page = drawn(FORMATS["github-summary"](ALL[name](), ""))
    assert page.tags <= OURS
    assert page.comments <= {" "}
    assert {attribute for attribute, _ in page.attributes} <= {"class"}


@pytest.mark.parametrize("shown", [inline, in_html])
@pytest.mark.parametrize("text", ["@octocat", "#12", "GH-12", "https://e.example", "www.e.example", "me@e.example"])
def test_nothing_is_left_that_github_makes_a_link_of(shown: object, text: str) -> None:
    assert callable(shown)
    page = drawn(f"<b>{shown(text)}</b>" if shown is in_html else shown(text))
    assert "".join(page.texts).strip() == text
    for part in page.texts:
        assert not re.search(r"@\w|#\d|GH-\d|://|www\.", part)


def test_a_text_in_a_summary_reads_as_it_was_written() -> None:
    assert (
        "".join(drawn(inline("*a* | `b` <c> [d](e) \\ 1. & &amp;")).texts).strip()
        == "*a* | `b` <c> [d](e) \\ 1. & &amp;"
    )


@pytest.mark.parametrize("text", [BAD, HUGE[:9000], "`" * 50, "~~~\n```\n````"])
def test_a_block_can_not_be_closed_from_inside(text: str) -> None:
    page = drawn(fenced(text) + "\n\nafter")
    assert page.tags == {"pre", "code", "p"}
    assert page.texts[-2] == "after"
