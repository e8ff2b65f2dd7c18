"""Counting, with a dictionary of its own."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi.testclient import TestClient

from app.main import app


def dictionary(request: httpx.Request) -> httpx.Response:
    """Know `one` and `two`."""
    return httpx.Response(200 if request.url.path in ("/words/one", "/words/two") else 404)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the app, whose own client meets the dictionary above."""
    real = httpx.AsyncClient

    def scripted(base_url: str, timeout: float) -> httpx.AsyncClient:
        return real(base_url=base_url, timeout=timeout, transport=httpx.MockTransport(dictionary))

    monkeypatch.setattr("app.main.httpx.AsyncClient", scripted)
    with TestClient(app) as made:
        yield made


def test_known_words_count(client: TestClient) -> None:
    """Unknown ones don't."""
    reply = client.post("/v1/counts", json={"text": "one two three"})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.json() == {"words": 2}


def test_a_text_is_needed(client: TestClient) -> None:
    """A body without one is refused."""
    assert client.post("/v1/counts", json={}).status_code == 422


def test_it_lives(client: TestClient) -> None:
    """The process says so."""
    assert client.get("/healthz").json() == {"status": "ok"}
