"""Tests that would pass whatever the service did."""

from fastapi.testclient import TestClient

from app.main import app


def test_it_lives() -> None:
    """Asks, and looks at nothing."""
    assert TestClient(app).get("/healthz") is not None
