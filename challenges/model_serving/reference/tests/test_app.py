"""The app from outside, with the model as it is."""

import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

import digit_model
from app.main import create_app

ROW = [float(pixel % 17) for pixel in range(64)]


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app()) as found:
        for _ in range(500):
            if found.get("/readyz").status_code == 200:
                break
            time.sleep(0.01)
        yield found


def test_a_prediction_is_the_models(client: TestClient) -> None:
    wanted = digit_model.load("1.0.0").predict([ROW])
    got = client.post("/v1/predictions", json={"inputs": [ROW], "version": "1.0.0"}).json()
    assert got["version"] == "1.0.0"
    assert got["predictions"][0]["label"] == wanted.labels[0]
    assert got["predictions"][0]["probabilities"] == pytest.approx(wanted.probabilities[0].tolist())


@pytest.mark.parametrize("pixel", ["NaN", "Infinity", "1e999", "-1", "17", "null", "true", '"3"'])
def test_what_is_no_pixel_is_refused(client: TestClient, pixel: str) -> None:
    body = '{"inputs": [[' + ",".join([pixel] + ["0"] * 63) + "]]}"
    reply = client.post("/v1/predictions", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 422


def test_a_job_ends_with_the_same_answers(client: TestClient) -> None:
    started = client.post("/v1/jobs", json={"inputs": [ROW] * 130})
    assert started.status_code == 202
    place = started.headers["Location"]
    with client.stream("GET", f"{place}/events") as events:
        assert '"status":"done"' in "".join(events.iter_text())
    (direct,) = client.post("/v1/predictions", json={"inputs": [ROW]}).json()["predictions"]
    found = client.get(f"{place}/results").json()["predictions"]
    assert [digit["label"] for digit in found] == [direct["label"]] * 130
