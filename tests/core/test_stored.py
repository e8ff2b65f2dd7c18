"""Records read back: a whole one is the same again, and of anything else the user is told what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from markupsafe import escape

from harness.errors import UsageError
from harness.migrations import EARLIER
from harness.record import SCHEMA_VERSION
from harness.reporting.html import render_html
from harness.stored import read_record
from tests.reporting import records


# The hostile one has texts that no record holds: they are taken out before.
@pytest.mark.parametrize("name", sorted({*records.ALL} - {"hostile"}))
def test_a_record_is_the_same_again(name: str, tmp_path: Path) -> None:
    record = records.ALL[name]()
    (tmp_path / "result.json").write_text(record.model_dump_json(indent=2))
    assert read_record(tmp_path) == record
    assert read_record(tmp_path / "result.json") == record


OLDER = sorted((Path(__file__).parent / "stored").glob("result-*.json"))


@pytest.mark.parametrize("path", OLDER, ids=lambda path: path.stem)
def test_a_record_of_an_earlier_version_is_read_and_drawn(path: Path) -> None:
    document = json.loads(path.read_text())
    assert document["schema_version"] != SCHEMA_VERSION
    record = read_record(path)
    assert record.schema_version == SCHEMA_VERSION
    assert [check.id for check in record.checks] == [check["id"] for check in document["checks"]]
    page = render_html(record)
    assert all(escape(check.title) in page for check in record.checks)


def test_every_earlier_version_has_a_record_to_try() -> None:
    assert [path.stem for path in OLDER] == [f"result-{version}" for version in EARLIER]


def stored(folder: Path, text: str | bytes) -> Path:
    path = folder / "result.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


WHOLE = records.typical().model_dump_json()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (WHOLE[: len(WHOLE) // 2], "cut off"),
        ("", "cut off"),
        (b"\xff\xfe\x00", "cut off"),
        ("[" * 100_000, "cut off"),
        ("[]", "no record"),
        ("{}", "version None"),
        (json.dumps({**json.loads(WHOLE), "schema_version": "9.1"}), "or a newer one"),
        (json.dumps({**json.loads(WHOLE), "schema_version": "0.9"}), "grade the submission again"),
        (json.dumps({**json.loads(WHOLE), "seed": "x"}), "seed"),
        (json.dumps({"schema_version": SCHEMA_VERSION}), "challenge"),
    ],
)
def test_what_is_no_record_is_told_with_its_place(text: str | bytes, says: str, tmp_path: Path) -> None:
    path = stored(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_record(path)
    assert says in str(error.value)
    assert str(path) in error.value.where


@pytest.mark.parametrize(
    "forged", [{"x\n::error file=a.py::y": 1}, {"##[add-mask]a": 1}, {"schema_version": "1\n::set-output name=a::b"}]
)
def test_no_text_of_a_record_that_is_refused_is_told_as_it_is(forged: dict[str, object], tmp_path: Path) -> None:
    path = stored(tmp_path, json.dumps(json.loads(WHOLE) | forged))
    with pytest.raises(UsageError) as error:
        read_record(path)
    assert [mark for mark in ("::", "##[") if mark in str(error.value)] == []


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no record to be read"):
        read_record(tmp_path / "nowhere")


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(UsageError, match="that large"):
        read_record(Path("/dev/zero"))
