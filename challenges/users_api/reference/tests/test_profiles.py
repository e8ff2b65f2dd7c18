import json
import uuid

import httpx
import pytest
from app.problems import ProblemError
from app.routes.profiles import UpstreamProfile, fetch

PROFILE = {"headline": "Countess", "avatar_url": "https://example.com/ada.png"}


async def ask(status: int, content: bytes) -> UpstreamProfile:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, content=content))
    async with httpx.AsyncClient(transport=transport, base_url="http://profiles") as client:
        return await fetch(client, uuid.uuid4())


@pytest.mark.anyio
async def test_a_profile_is_handed_on_however_long_its_texts() -> None:
    found = await ask(200, json.dumps(PROFILE | {"headline": "h" * 100_000}).encode())
    assert len(found.headline) == 100_000


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, b"{}"),
        (201, json.dumps(PROFILE).encode()),
        (206, json.dumps(PROFILE).encode()),
        (302, json.dumps(PROFILE).encode()),
        (200, b"<html>"),
        (200, b'{"headline": "half'),
        (200, b'{"headline": 5, "avatar_url": "x"}'),
        (200, b"[" * 100_000),
    ],
)
async def test_what_is_no_profile_is_a_502(status: int, content: bytes) -> None:
    with pytest.raises(ProblemError) as caught:
        await ask(status, content)
    assert caught.value.status == 502
