"""Whatever the prober, or a tool beside strangers' code, prints: it is read, or told as our fault."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.errors import HarnessFault
from harness.evidence import CheckFrame, CheckMeta
from harness.explain import signals_of, sources_of
from harness.own_tests import own_tests_of
from harness.runtime.channel import StreamChannel
from harness.runtime.inner import printed_document
from tests.fuzz.examples import examples

pytestmark = pytest.mark.extended

LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
KEYS = st.sampled_from(
    [
        "kind",
        "id",
        "outcome",
        "fraction",
        "summary",
        "evidence",
        "transcript",
        "numbers",
        "code",
        "path",
        "line",
        "message",
        "problem",
        "counts",
        "failures",
        "coverage",
        "faults",
        "seconds",
        "signals",
        "sources",
        "passed",
        "types",
        "good",
    ]
)
TABLE = st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=4), max_size=6)
LINE = TABLE.map(lambda table: json.dumps(table).encode()) | st.binary(max_size=80) | st.just(b"[" * 50_000)


@examples(100)
@given(lines=st.lists(LINE, max_size=5), cuts=st.lists(st.integers(1, 40), max_size=30))
def test_a_stream_is_frames_an_end_or_our_fault(lines: list[bytes], cuts: list[int]) -> None:
    data, chunks = b"\n".join(lines) + b"\n", []
    for cut in cuts:
        chunks.append(data[:cut])
        data = data[cut:]
    channel = StreamChannel(lambda _data: None, iter([*chunks, data]))
    for _ in range(len(lines) + 200):
        try:
            frame = channel.receive(30)
        except HarnessFault:
            continue
        if frame is None:
            return
        assert isinstance(frame["kind"], str)
    raise AssertionError("the stream has no end")


@examples(150)
@given(frame=TABLE)
def test_a_frame_fits_or_is_said_not_to(frame: dict[str, object]) -> None:
    for model in (CheckFrame, CheckMeta):
        with contextlib.suppress(ValidationError):
            model.model_validate(frame)


@examples(150)
@given(document=TABLE, files=st.integers(0, 5))
def test_a_document_about_tests_always_comes_to_something(document: dict[str, object], files: int) -> None:
    told, letters = own_tests_of(files, document, "")
    assert told.files == files
    assert all(set(line) <= set("cm.") for line in letters.values())
    assert told.model_dump_json()


@examples(150)
@given(output=LINE)
def test_a_printed_document_is_an_object_that_can_be_kept_or_our_fault(output: bytes) -> None:
    with contextlib.suppress(HarnessFault):
        assert json.dumps(printed_document(output, b"", "it"), ensure_ascii=False).encode()


@examples(150)
@given(document=st.none() | TABLE)
def test_what_does_not_fit_is_no_signal(document: dict[str, object] | None) -> None:
    assert isinstance(signals_of(document), list)
    assert isinstance(sources_of(document), list)
