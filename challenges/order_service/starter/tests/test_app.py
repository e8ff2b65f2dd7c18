"""A first test: replace it with your own."""

from __future__ import annotations

from fastapi.testclient import TestClient

from app.main import app


def test_an_unknown_route_is_answered_with_404() -> None:
    with TestClient(app) as client:
        assert client.get("/nowhere").status_code == 404
