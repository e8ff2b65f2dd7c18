"""A request or an answer as a terminal shows it."""

from __future__ import annotations

import json

import pytest

from harness.record import Exchange
from harness.reporting.message import laid_out, told

BODY = '{"id":1,"name":"Ada"}'
LAID = '{\n  "id": 1,\n  "name": "Ada"\n}'


def tell(request: str, response: str = "", *, width: int = 12, most: int = 20) -> tuple[str, str]:
    return told(Exchange(request=request, response=response), width=width, most=most)


def test_both_are_told_without_the_headers_that_every_message_has_also_where_no_body_follows() -> None:
    sent = "GET /x HTTP/1.1\nIf-Match: 1\nHost: 127.0.0.1:8000"
    came = "HTTP/1.1 204 No Content\netag: 2\nserver: uvicorn"
    assert tell(sent, came) == ("GET /x HTTP/1.1\nIf-Match: 1", "HTTP/1.1 204 No Content\netag: 2")


def test_json_of_both_is_set_out_over_several_lines() -> None:
    assert tell(f"POST /x\n\n{BODY}", f"201\n\n{BODY}\n") == (f"POST /x\n\n{LAID}", f"201\n\n{LAID}")


def test_only_a_body_that_is_json_as_a_whole_is_set_out() -> None:
    message = f"200 OK\n\ntext\n\n{BODY}"
    assert tell(message) == (message, "")


@pytest.mark.parametrize(("most", "shown"), [(6, LAID), (5, BODY)])
def test_json_is_set_out_where_the_message_takes_no_more_lines_than_there_may_be(most: int, shown: str) -> None:
    assert tell(f"POST /x\n\n{BODY}", most=most)[0] == f"POST /x\n\n{shown}"


def test_json_that_fits_stays_on_its_line() -> None:
    assert laid_out(BODY, len(BODY)) == BODY
    assert laid_out(BODY, len(BODY) - 1) == LAID


@pytest.mark.parametrize(("length", "is_laid_out"), [(4000, True), (4001, False)])
def test_only_json_that_is_read_at_a_glance_is_set_out(length: int, is_laid_out: bool) -> None:
    body = json.dumps(["x" * (length - 4)])
    assert len(body) == length
    assert (laid_out(body, 80) != body) == is_laid_out


@pytest.mark.parametrize(
    "body", ['"a text that is quoted"', "[1, 2, 3, 4, 5, 6, 7, 8, 9", '{"a":1,  "b": 2, "c": 3}', "[1.0e3, 2, 3, 4]"]
)
def test_what_is_no_document_or_would_be_written_otherwise_stays_as_it_is(body: str) -> None:
    assert laid_out(body, 10) == body


@pytest.mark.parametrize("name", ["é", "\\u00e9"])
def test_letters_stay_as_they_were_written(name: str) -> None:
    body = f'{{"{name}": {{"a": "{name}"}}, "list": ["{name}", 1]}}'
    assert laid_out(body, 12) == (
        f'{{\n  "{name}": {{\n    "a": "{name}"\n  }},\n  "list": [\n    "{name}",\n    1\n  ]\n}}'
    )


def test_a_list_is_set_out_as_deep_as_there_is_no_room() -> None:
    body = '[{"a":[1,2]},{"a":[100000,200000]},[]]'
    laid = '[\n  {"a": [1, 2]},\n  {\n    "a": [\n      100000,\n      200000\n    ]\n  },\n  []\n]'
    assert laid_out(body, 22) == laid


def test_a_value_with_its_inset_and_name_and_a_comma_takes_no_more_than_the_width() -> None:
    body = '{"name":[10,20],"b":[10]}'
    assert laid_out(body, 19) == '{\n  "name": [10, 20],\n  "b": [10]\n}'
    assert laid_out(body, 18) == '{\n  "name": [\n    10,\n    20\n  ],\n  "b": [10]\n}'
    assert laid_out("[[10,20],[30]]", 11) == "[\n  [10, 20],\n  [30]\n]"
    assert laid_out("[[10,20],[30]]", 10) == "[\n  [\n    10,\n    20\n  ],\n  [30]\n]"


def test_an_empty_value_stays_in_one_piece_however_little_room_there_is() -> None:
    assert laid_out('{"a_long_name":{},"b":[]}', 8) == '{\n  "a_long_name": {},\n  "b": []\n}'
