"""Against a real database: `DATABASE_URL` names one that may be written to."""

import os
import uuid
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="DATABASE_URL is not set")


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    os.environ.setdefault("PROFILE_URL", "http://127.0.0.1:9")
    os.environ.setdefault("SECRET_KEY", "a-secret-of-the-tests-that-is-long-enough")
    os.environ.setdefault("ADMIN_EMAIL", "admin@example.com")
    os.environ.setdefault("ADMIN_PASSWORD", "admin-password")
    from app.main import create_app

    with TestClient(create_app()) as found:
        yield found


def new_user() -> dict[str, str]:
    return {"email": f"{uuid.uuid4().hex}@example.com", "name": "Ada", "password": "correct horse"}


def test_a_user_is_created_read_changed_and_deleted(client: TestClient) -> None:
    body = new_user()
    created = client.post("/v1/users", json=body)
    assert created.status_code == 201
    login = client.post("/v1/login", json={"email": body["email"], "password": body["password"]})
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    read = client.get(created.headers["Location"], headers=headers)
    assert read.json() == created.json()
    patch = headers | {"If-Match": read.headers["ETag"], "Content-Type": "application/merge-patch+json"}
    changed = client.patch(created.headers["Location"], headers=patch, content='{"bio": "Countess"}')
    assert changed.json()["bio"] == "Countess"
    stale = client.patch(created.headers["Location"], headers=patch, content='{"bio": "Duchess"}')
    assert stale.status_code == 412
    assert client.delete(created.headers["Location"], headers=headers).status_code == 204
    assert client.get(created.headers["Location"], headers=headers).status_code == 401


def test_a_key_gets_the_same_answer_again(client: TestClient) -> None:
    body, headers = new_user(), {"Idempotency-Key": uuid.uuid4().hex}
    first = client.post("/v1/users", json=body, headers=headers)
    again = client.post("/v1/users", json=body, headers=headers)
    other = client.post("/v1/users", json=new_user(), headers=headers)
    assert (first.json(), first.headers["Location"]) == (again.json(), again.headers["Location"])
    assert (again.status_code, other.status_code) == (201, 422)


def test_an_unreachable_profile_service_is_a_502(client: TestClient) -> None:
    body = new_user()
    created = client.post("/v1/users", json=body).json()
    token = client.post("/v1/login", json={"email": body["email"], "password": body["password"]}).json()["access_token"]
    answer = client.get(f"/v1/users/{created['id']}/profile", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
