"""Calls that block the event loop: seen where they are, however many helpers deep, and not where they do no harm."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.analysis.names import Defined, Names
from tests.analysis.snippets import messages, signals


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


def test_each_function_is_read_once_however_many_ways_lead_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made to be slow: hundreds of coroutines that all call hundreds of helpers that call each other."""
    read: Counter[str] = Counter()
    scope = Names.scope

    def counted(self: Names, function: Defined) -> dict[str, str]:
        read[function.name] += 1
        return scope(self, function)

    monkeypatch.setattr(Names, "scope", counted)
    everybody = "; ".join(f"f{number}()" for number in range(40))
    code = "import time\n" + "".join(f"def f{n}(): time.sleep(1); {everybody}\n" for n in range(40))
    code += "".join(f"async def a{n}(): {everybody}\n" for n in range(40))
    assert signals(code)["blocking-call"]["count"] == 40
    assert max(read.values()) == 1
