"""Signals: seen where they are, and not in good code."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path
from typing import Any, get_args

import pytest

from harness.analysis.signals import SIGNALS, read_signals
from harness.authoring.checks import Signal
from harness.packs import challenge_folders, find_challenge

ALTERNATIVES = Path(__file__).parents[1] / "challenges" / "catalogue" / "alternatives"


def signals(*files: str, names: tuple[str, ...] = ("app/main.py", "app/helpers.py")) -> dict[str, dict[str, Any]]:
    trees = [(name, ast.parse(textwrap.dedent(text))) for name, text in zip(names, files, strict=False)]
    return {found["id"]: found for found in read_signals(trees)}


def of_folder(folder: Path) -> dict[str, dict[str, Any]]:
    files = sorted((folder / "app").rglob("*.py"))
    trees = [(file.relative_to(folder).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files]
    return {found["id"]: found for found in read_signals(trees)}


def messages(found: dict[str, dict[str, Any]], id_: str) -> list[str]:
    return [place["message"] for place in found[id_]["places"]]


@pytest.mark.parametrize("challenge", sorted(challenge_folders()))
def test_a_reference_raises_no_concern(challenge: str) -> None:
    found = of_folder(find_challenge(challenge).reference)
    assert [id_ for id_, signal in found.items() if not signal["good"]] == []
    assert {"injected", "lifespan", "model"} <= set(found)


@pytest.mark.parametrize("solution", sorted(path.name for path in ALTERNATIVES.iterdir()))
def test_an_honest_alternative_blocks_no_loop(solution: str) -> None:
    found = of_folder(ALTERNATIVES / solution)
    assert not {"blocking-call", "dangling-task", "swallowed-cancellation", "per-request"} & set(found)


def test_what_checks_may_name_are_the_concerns_that_there_are() -> None:
    assert set(get_args(Signal)) == {signal.id for signal in SIGNALS if not signal.good}


def test_a_blocking_call_in_an_async_function_is_seen_on_its_line() -> None:
    found = signals(
        """
        from time import sleep

        async def route():
            sleep(1)
        """
    )
    (place,) = found["blocking-call"]["places"]
    assert (place["path"], place["line"]) == ("app/main.py", 5)
    assert place["message"] == "time.sleep blocks the event loop in async def route"


def test_a_blocking_call_two_helpers_deep_is_seen_with_the_way_to_it() -> None:
    found = signals(
        """
        from app.helpers import first

        async def route():
            first()
        """,
        """
        import requests

        def first():
            return second()

        def second():
            return requests.get("http://x", timeout=1)
        """,
    )
    (place,) = found["blocking-call"]["places"]
    assert (place["path"], place["line"]) == ("app/helpers.py", 8)
    assert "async def route through first() through second()" in place["message"]


@pytest.mark.parametrize(
    ("setup", "call"),
    [
        ("import sqlite3\ndb = sqlite3.connect('x')", "db.execute('SELECT 1')"),
        ("import httpx\nclient = httpx.Client()", "client.get('http://x')"),
        ("import httpx2\nclient = httpx2.Client()", "client.get('http://x')"),
        ("from requests import Session\nsession = Session()", "session.get('http://x')"),
        ("import psycopg\ndb = psycopg.connect('')", "db.execute('SELECT 1')"),
        ("import subprocess as sp", "sp.run(['ls'])"),
        ("from sqlalchemy.orm import Session\nfrom fastapi import Depends", "session.execute('x')"),
        ("from passlib.context import CryptContext\npwd = CryptContext()", "pwd.verify('a', 'b')"),
        ("from argon2 import PasswordHasher\nhasher = PasswordHasher()", "hasher.hash('a')"),
        ("import bcrypt", "bcrypt.checkpw(b'', b'')"),
    ],
)
def test_blocking_libraries_are_known(setup: str, call: str) -> None:
    parameter = "session: Session = Depends()" if "Session" in setup else ""
    found = signals(f"{setup}\n\nasync def route({parameter}):\n    {call}\n")
    assert found["blocking-call"]["count"] == 1


def test_a_blocking_call_of_an_attribute_is_seen() -> None:
    found = signals(
        """
        import redis

        class Cache:
            def __init__(self):
                self.client = redis.Redis()

            async def get(self, key):
                return self.client.get(key)
        """
    )
    assert messages(found, "blocking-call") == ["redis.Redis.get blocks the event loop in async def get"]


@pytest.mark.parametrize(
    "code",
    [
        "async def route():\n    await asyncio.to_thread(time.sleep, 1)",
        "async def route():\n    await asyncio.to_thread(lambda: time.sleep(1))",
        "def route():\n    time.sleep(1)",
        "async def route():\n    def work():\n        time.sleep(1)\n    await asyncio.to_thread(work)",
        "@asynccontextmanager\nasync def lifespan(app):\n    time.sleep(1)\n    yield",
        "async def route(session: AsyncSession):\n    await session.execute('x')",
        "async def route(client: httpx.AsyncClient):\n    await client.get('x')",
        "async def route(model: Model):\n    model.predict(1)",
        "async def route():\n    async with make() as session:\n        await session.execute('x')",
        "async def route():\n    async for row in make():\n        print(row)",
    ],
)
def test_what_does_not_block_is_left_alone(code: str) -> None:
    setup = (
        "import asyncio, time, httpx\nfrom sqlalchemy.ext.asyncio import AsyncSession\n"
        "from sqlalchemy.orm import sessionmaker\nmake = sessionmaker(class_=AsyncSession)\n"
    )
    assert "blocking-call" not in signals(setup + code)


def test_a_client_made_in_a_dependency_is_seen_and_one_made_at_start_is_not() -> None:
    found = signals(
        """
        import httpx
        from fastapi import Depends, FastAPI

        app = FastAPI()
        shared = httpx.AsyncClient()

        def client():
            return httpx.AsyncClient(timeout=5)

        @app.get("/x", response_model=None)
        async def route(c = Depends(client)):
            return (await c.get("http://x")).json()
        """
    )
    assert messages(found, "per-request") == ["an HTTP client is made in client, anew each time"]


def test_a_client_that_is_kept_is_not_made_per_request() -> None:
    found = signals(
        """
        import httpx
        from fastapi import Depends, FastAPI

        app = FastAPI()
        _client = None

        def client():
            global _client
            if _client is None:
                _client = httpx.AsyncClient()
            return _client

        @app.get("/x")
        async def route(c = Depends(client)) -> None: ...
        """
    )
    assert "per-request" not in found


def test_a_task_that_nobody_holds_is_seen_and_one_that_is_kept_is_not() -> None:
    found = signals(
        """
        import asyncio

        async def start(tasks):
            asyncio.create_task(work())
            tasks.add(asyncio.create_task(work()))
        """
    )
    assert [place["line"] for place in found["dangling-task"]["places"]] == [5]


@pytest.mark.parametrize(
    ("handler", "seen"),
    [
        ("except BaseException:\n            pass", True),
        ("except:\n            log()", True),
        ("except asyncio.CancelledError:\n            continue", True),
        ("except Exception:\n            pass", False),
        ("except asyncio.CancelledError:\n            raise", False),
        ("except asyncio.CancelledError:\n            return", False),
    ],
)
def test_a_handler_that_swallows_cancellation_is_seen(handler: str, seen: bool) -> None:
    loop = f"    while True:\n        try:\n            await work()\n        {handler}\n"
    code = f"import asyncio\nasync def run():\n{loop}"
    assert ("swallowed-cancellation" in signals(code)) is seen


def test_who_cancelled_a_task_may_wait_for_its_end() -> None:
    found = signals(
        """
        import asyncio

        async def stop(task):
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
        """
    )
    assert "swallowed-cancellation" not in found


def test_one_model_both_ways_is_seen_and_two_are_not() -> None:
    found = signals(
        """
        from fastapi import APIRouter
        from pydantic import BaseModel, Field

        router = APIRouter()

        class User(BaseModel):
            name: str

        class UserIn(BaseModel):
            name: str = Field(max_length=10)

        @router.post("/a")
        async def one(user: User) -> User: ...

        @router.post("/b", response_model=User)
        async def two(user: UserIn): ...
        """
    )
    assert [place["line"] for place in found["one-model"]["places"]] == [14]
    assert [place["line"] for place in found["in-out"]["places"]] == [17]
    assert messages(found, "unbounded") == ["name may be of any length"]


def test_a_route_that_does_not_say_what_it_answers_is_seen() -> None:
    found = signals(
        """
        from fastapi import FastAPI, Response

        app = FastAPI()

        @app.get("/users")
        async def users(): ...

        @app.get("/users/{id}")
        async def user() -> dict: ...

        @app.delete("/users/{id}", status_code=204)
        async def gone(): ...

        @app.get("/file")
        async def file() -> Response: ...

        @app.get("/healthz")
        async def healthz(): ...
        """
    )
    assert [place["line"] for place in found["no-model"]["places"]] == [7, 10]


def test_a_wait_without_end_is_seen_unless_another_deadline_is_around_it() -> None:
    endless = "import httpx\nclient = httpx.AsyncClient(timeout=None)\n"
    assert "no-timeout" in signals(endless)
    bounded = signals(endless + "import asyncio\nasync def f():\n    async with asyncio.timeout(1): ...\n")
    assert "no-timeout" not in bounded
    assert bounded["timeout"]["count"] == 1


@pytest.mark.parametrize(
    "code",
    [
        "a = b\nb = a\nasync def f():\n    a()",
        "import a as a\nfrom . import x\nfrom .... import y\nasync def f():\n    y.x()",
        "class A(A): ...\nclass B(C): ...\nclass C(B): ...",
        "def f(): return f()\nasync def g(): f()",
        "x = x.y\nasync def f(): x.y.z()",
        "async def f(self): self.a = self.a.b; self.a()",
        "from fastapi import FastAPI\napp = FastAPI()\n@app.get()\nasync def f(): ...",
    ],
)
def test_odd_code_is_read_to_its_end(code: str) -> None:
    signals(code, code)
