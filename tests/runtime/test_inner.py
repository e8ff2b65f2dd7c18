"""What our tools print beside strangers' code, as the host reads it."""

from __future__ import annotations

import json

import pytest

from harness.errors import HarnessFault
from harness.runtime.inner import printed_document


def test_half_a_character_becomes_a_question_mark() -> None:
    told = json.dumps({"a\udfff": ["\ud800b", {"c": "whole \U0001f600"}], "n": 1}).encode()
    assert printed_document(told, b"", "it") == {"a?": ["?b", {"c": "whole \U0001f600"}], "n": 1}


@pytest.mark.parametrize("output", [b"", b"no", b"[]", b"[" * 100_000, b"\xff", b"9" * 10_000])
def test_what_is_no_document_is_our_fault(output: bytes) -> None:
    with pytest.raises(HarnessFault, match="it printed no document"):
        printed_document(output, b"said", "it")
