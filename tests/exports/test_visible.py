"""What a candidate may see of a full record, in every format."""

from __future__ import annotations

import pytest

from harness.edition import candidates_edition
from harness.exports import FORMATS
from tests.reporting import records


@pytest.mark.parametrize("kind", FORMATS)
def test_no_format_says_a_word_of_hidden_checks(kind: str) -> None:
    record = records.typical()
    text = FORMATS[kind](candidates_edition(record), "")
    for check in record.checks:
        if not check.visible:
            assert check.id not in text
            assert check.title not in text
