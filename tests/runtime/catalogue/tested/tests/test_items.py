import asyncio
import os
import socket

import asyncpg
import pytest
from app.main import app
from fastapi.testclient import TestClient

client = TestClient(app)


def test_there_are_two_items():
    assert client.get("/items").json() == ["pen", "cup"]


def test_an_item_has_a_name():
    assert "name" in client.get("/items/0").json()


def test_what_is_not_there_is_404():
    assert client.get("/items/9").status_code == 404


def test_one_is_added():
    assert client.post("/items").status_code == 201


def test_the_database_is_empty_and_theirs():
    async def tables() -> int:
        connection = await asyncpg.connect(os.environ["DATABASE_URL"])
        try:
            await connection.execute("CREATE TABLE mine (id int)")
            return await connection.fetchval("SELECT count(*) FROM mine")
        finally:
            await connection.close()

    assert asyncio.run(tables()) == 0


def test_that_the_machine_is_another():
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), timeout=1)


def test_that_fails():
    assert client.get("/items/1").json()["name"] == "mug"


@pytest.mark.skip
def test_that_is_skipped():
    raise AssertionError
