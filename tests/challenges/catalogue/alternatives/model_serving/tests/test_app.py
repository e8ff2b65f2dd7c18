import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(app) as made:
        for _ in range(200):
            if made.get("/readyz").status_code == 200:
                break
            time.sleep(0.05)
        yield made


def test_a_row_is_read_alone_as_among_others(client: TestClient) -> None:
    rows = [[float(n % 17)] * 64 for n in range(5)]
    together = client.post("/v1/predictions", json={"inputs": rows}).json()["predictions"]
    alone = client.post("/v1/predictions", json={"inputs": rows[3:4]}).json()["predictions"]
    assert together[3]["label"] == alone[0]["label"]


@pytest.mark.parametrize("row", [[], [1] * 63, [17] * 64, ["1"] * 64, [True] * 64, [None] * 64])
def test_a_bad_row_is_refused(client: TestClient, row: list[object]) -> None:
    assert client.post("/v1/predictions", json={"inputs": [row]}).status_code == 422


def test_a_job_comes_to_its_end(client: TestClient) -> None:
    made = client.post("/v1/jobs", json={"inputs": [[1] * 64] * 200, "version": "1.0.0"})
    assert made.status_code == 202
    where = made.headers["Location"]
    with client.stream("GET", f"{where}/events") as events:
        last = list(events.iter_lines())[-2]
    assert '"status":"done"' in last
    assert len(client.get(f"{where}/results").json()["predictions"]) == 200
