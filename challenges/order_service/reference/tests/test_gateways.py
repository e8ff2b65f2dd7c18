"""What is made of an upstream's answers."""

import httpx
import pytest
from app.gateways import _parsed
from app.schemas import ReceiptMade
from app.upstream import UpstreamError

GOOD = b'{"receipt_id": "r-1"}'


@pytest.mark.parametrize("status", [200, 202])
def test_a_status_that_is_named_is_good(status: int) -> None:
    assert _parsed(ReceiptMade, httpx.Response(status, content=GOOD), "payments", 200, 202).receipt_id == "r-1"


@pytest.mark.parametrize(("status", "uncertain"), [(201, True), (204, True), (302, True), (400, False), (500, False)])
def test_another_is_not_and_only_an_error_says_that_nothing_was_done(status: int, uncertain: bool) -> None:
    with pytest.raises(UpstreamError) as caught:
        _parsed(ReceiptMade, httpx.Response(status, content=GOOD), "payments", 200, 202)
    assert caught.value.status == 502
    assert caught.value.uncertain is uncertain
