"""Against a real database: `DATABASE_URL` names one that may be written to."""

import asyncio
import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import asyncpg
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


def signed_in(client: TestClient, email: str, password: str) -> dict[str, str]:
    token = client.post("/v1/login", json={"email": email, "password": password}).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def admin(client: TestClient) -> dict[str, str]:
    return signed_in(client, os.environ["ADMIN_EMAIL"], os.environ["ADMIN_PASSWORD"])


def test_a_patch_that_changes_nothing_keeps_the_etag(client: TestClient) -> None:
    body = new_user()
    created = client.post("/v1/users", json=body)
    headers = signed_in(client, body["email"], body["password"])
    headers |= {"If-Match": created.headers["ETag"], "Content-Type": "application/merge-patch+json"}
    for patch in ("{}", '{"name": "Ada", "bio": null, "tags": null}'):
        unchanged = client.patch(created.headers["Location"], headers=headers, content=patch)
        assert (unchanged.status_code, unchanged.headers["ETag"]) == (200, created.headers["ETag"])


async def hold_users(held: Event, seconds: float) -> None:
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    async with connection.transaction():
        await connection.execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
        held.set()
        await asyncio.sleep(seconds)
    await connection.close()


def test_imports_at_once_in_opposite_orders_do_not_deadlock(client: TestClient) -> None:
    rows = [{"email": f"{uuid.uuid4().hex}@example.com", "name": "Ada"} for _ in range(500)]
    headers, held = admin(client), Event()

    def send(users: list[dict[str, str]]) -> int:
        return client.post("/v1/users/import", headers=headers, json={"users": users}).status_code

    with ThreadPoolExecutor(7) as threads:
        # The lock lets all of them come up to their writes and start those at the same moment.
        holder = threads.submit(asyncio.run, hold_users(held, 2))
        assert held.wait(10)
        statuses = sorted(threads.map(send, [rows, rows[::-1]] * 3))
        holder.result()
    assert statuses == [201] + [409] * 5


def test_an_answer_to_a_crash_names_the_version(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import users

    monkeypatch.setattr(users, "find_by_email", None)
    calm = TestClient(client.app, raise_server_exceptions=False)
    answer = calm.post("/v1/login", json={"email": "a@example.com", "password": "12345678"})
    assert (answer.status_code, answer.headers["API-Version"]) == (500, "1")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/users", "GET, POST"),
        ("HEAD", "/v1/users", "GET, POST"),
        ("POST", f"/v1/users/{uuid.UUID(int=1)}", "DELETE, GET, PATCH"),
        ("DELETE", "/healthz", "GET"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ],
)
def test_a_405_names_every_method_of_the_path(client: TestClient, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_start_makes_the_owner_of_the_address_the_admin(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.main import create_app

    body = new_user()
    created = client.post("/v1/users", json=body)
    monkeypatch.setenv("ADMIN_EMAIL", body["email"].upper())
    monkeypatch.setenv("ADMIN_PASSWORD", "another password")
    for _ in range(2):
        with TestClient(create_app()) as restarted:
            headers = signed_in(restarted, body["email"], "another password")
            read = restarted.get(created.headers["Location"], headers=headers)
            assert read.json() == created.json() | {"role": "admin"}
