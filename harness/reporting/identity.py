"""Identity: who a submission is of, taken out of a record before it is drawn. Pure.

A reader should judge the work: names, addresses and home folders are not part of it.
"""

from __future__ import annotations

import re
from typing import Any

from harness.record import GradeRecord

# Those of the examples stay: nobody lives there (RFC 2606, RFC 6761).
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?!(?:[\w-]+\.)*(?:example(?:\.\w+)?|test|invalid|localhost)\b)[\w-]+(?:\.[\w-]+)+")
_HOME = re.compile(r"(/home/|/Users/|[A-Za-z]:\\Users\\)[^/\\\s\"':]+")
# Only where it can be no code: `author: str` is a member of a model.
_AUTHOR = re.compile(
    r"""(?im)^([ \t]*(?:
      __author__[ \t]*=
    | \#.*?\bauthors?[ \t]*[:=]
    | (?:\#[ \t]*)?(?:@author\b|:author:|copyright\b|©|(?:written|created|made)[ \t]+by\b)
    )[ \t]*)(\S.*)$""",
    re.VERBOSE,
)
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
# What was sent and what came back of it: the people in it are made up by the checks, and must stay comparable.
_OURS = frozenset({"request", "response", "reproduce", "httpx", "summary", "expected", "actual"})


def redacted(record: GradeRecord) -> GradeRecord:
    """The record without the source's place, e-mail addresses, named authors and home folders.

    The id stays: it is what the hiring team calls the submission.
    """
    document = _mapped(record.model_dump(), "")
    commit = _COMMIT.search(record.submission.source)
    document["submission"]["source"] = f"SUBMISSION{commit.group()}" if commit else ""
    return GradeRecord.model_validate(document)


def anonymous(text: str) -> str:
    """The text with e-mail addresses, named authors and home folders written over."""
    text = _AUTHOR.sub(r"\1[name]", text)
    return _HOME.sub(r"\1[name]", _EMAIL.sub("[e-mail]", text))


def _mapped(value: Any, name: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return value if name in _OURS else anonymous(value)
    if isinstance(value, dict):
        return {key: _mapped(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, name) for item in value]
    return value
