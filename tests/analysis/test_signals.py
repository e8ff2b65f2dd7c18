"""Signals: seen where they are, and not in good code."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, get_args

import pytest

from harness.analysis.code import Code
from harness.analysis.signals import SIGNALS, read_signals
from harness.authoring.checks import Signal
from harness.packs import challenge_folders, find_challenge
from tests.analysis.snippets import messages, signals

ALTERNATIVES = Path(__file__).parents[1] / "challenges" / "catalogue" / "alternatives"


def of_folder(folder: Path) -> dict[str, dict[str, Any]]:
    files = sorted((folder / "app").rglob("*.py"))
    trees = [(file.relative_to(folder).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files]
    return {found["id"]: found for found in read_signals(Code(trees))}


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
