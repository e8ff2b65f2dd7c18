"""First tests: replace them with your own."""

from __future__ import annotations

from fastapi.testclient import TestClient

import digit_model
from app.main import app


def test_an_unknown_route_is_answered_with_404() -> None:
    with TestClient(app) as client:
        assert client.get("/nowhere").status_code == 404


def test_the_model_reads_a_row() -> None:
    prediction = digit_model.load("2.0.0").predict([[0.0] * 64])
    assert prediction.probabilities.shape == (1, 10)
