"""A few tests; unittest's methods instead of bare asserts, so that ruff's security rules have no complaint."""

from __future__ import annotations

import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import digit_model
import numpy as np
from app.batching import Batcher
from app.main import app
from app.models import ModelStore, Scores
from digit_model import Array
from fastapi.testclient import TestClient


def rows(count: int) -> list[list[float]]:
    values: list[list[float]] = np.random.default_rng(count).integers(0, 17, (count, 64)).astype(float).tolist()
    return values


class Routes(unittest.TestCase):
    client: TestClient

    @classmethod
    def setUpClass(cls) -> None:
        cls.client = cls.enterClassContext(TestClient(app))
        for _ in range(200):
            if cls.client.get("/readyz").status_code == 200:
                return
            time.sleep(0.05)
        raise TimeoutError

    def test_predicts_in_order_with_both_versions(self) -> None:
        for version in digit_model.versions():
            inputs = rows(7)
            want = digit_model.load(version).predict(inputs)
            answer = self.client.post("/v1/predictions", json={"inputs": inputs, "version": version})
            self.assertEqual(answer.status_code, 200)
            body = answer.json()
            self.assertEqual(body["version"], version)
            self.assertEqual([one["label"] for one in body["predictions"]], want.labels.tolist())
            got = np.array([one["probabilities"] for one in body["predictions"]])
            self.assertTrue(np.allclose(got, want.probabilities, atol=1e-6))

    def test_refuses_bad_bodies(self) -> None:
        row = "[" + ",".join(["1"] * 63) + ",%s]"
        bad = [row % value for value in ("NaN", "Infinity", "1e999", "-1", "17", '"3"', "true", "null", "[1]", "1,1")]
        bodies = [f'{{"inputs": [{one}]}}'.encode() for one in bad]
        bodies += [b"", b"{", b"\xff", b"[]", b"{}", b'{"inputs": []}', b"[" * 20_000, b'{"inputs": [[]]}']
        for path in ("/v1/predictions", "/v1/jobs"):
            for body in bodies:
                with self.subTest(path=path, body=body[:40]):
                    self.assertIn(self.client.post(path, content=body).status_code, (400, 422))
            self.assertEqual(self.client.post(path, content=b" " * (4 * 1024 * 1024 + 1)).status_code, 413)
            unknown = self.client.post(path, json={"inputs": rows(1), "version": "9"})
            self.assertEqual(unknown.status_code, 404)

    def test_many_at_once(self) -> None:
        def ask(seed: int) -> int:
            status: int = self.client.post("/v1/predictions", json={"inputs": rows(seed + 1)}).status_code
            return status

        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(set(pool.map(ask, range(8))), {200})

    def test_job_and_its_events(self) -> None:
        answer = self.client.post("/v1/jobs", json={"inputs": rows(200)})
        self.assertEqual(answer.status_code, 202)
        place = answer.headers["Location"]
        events = self.client.get(f"{place}/events").text.strip().split("\n\n")
        self.assertIn('"status":"done"', events[-1])
        self.assertEqual(self.client.get(place).json()["completed"], 200)
        self.assertEqual(len(self.client.get(f"{place}/results").json()["predictions"]), 200)
        self.assertEqual(self.client.get("/v1/jobs/none/events").status_code, 404)


class HeldStore(ModelStore):
    """Its calls wait to be let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.sizes: list[int] = []

    def predict(self, version: str, rows: Array) -> Scores:
        del version
        self.sizes.append(len(rows))
        self.go.wait(10)
        return Scores([0] * len(rows), [[0.0] * 10] * len(rows))


class Batching(unittest.TestCase):
    def test_shares_drops_and_refuses(self) -> None:
        store = HeldStore()
        batcher = Batcher(store)
        batcher.start()
        first = batcher.submit("2.0.0", np.zeros((64, 64)))
        while not store.sizes:
            time.sleep(0.01)
        waiting = [batcher.submit("2.0.0", np.zeros((32, 64))) for _ in range(4)]
        self.assertIsNone(batcher.submit("1.0.0", np.zeros((1, 64))))
        tickets = [ticket for ticket in (first, *waiting) if ticket]
        self.assertEqual(len(tickets), 5)
        batcher.close(tickets.pop())
        tickets.extend(ticket for ticket in [batcher.submit("2.0.0", np.zeros((32, 64)))] if ticket)
        batcher.close(tickets.pop())
        store.go.set()
        for ticket in tickets:
            self.assertEqual(len(ticket.answer.result(5).labels), len(ticket.rows))
        self.assertEqual(store.sizes, [64, 64, 32])
