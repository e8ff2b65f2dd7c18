"""Greets, remembers, quotes and echoes."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import asyncpg
import httpx
from fastapi import Depends, FastAPI, HTTPException, Query, Request, WebSocket, WebSocketDisconnect, status
from pydantic import BaseModel, Field

from app import extra as extra


class State(TypedDict):
    """What lives as long as the process."""

    pool: asyncpg.Pool
    http: httpx.AsyncClient


class Greeting(BaseModel):
    """A greeting."""

    greeting: str


class NewNote(BaseModel):
    """What is to be remembered."""

    text: Annotated[str, Field(min_length=1, max_length=200)]


class Note(NewNote):
    """What is remembered."""

    id: int


class Quote(BaseModel):
    """What the upstream says."""

    quote: str


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """Open the pool and the client, and close them."""
    async with (
        asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=5) as pool,
        httpx.AsyncClient(base_url=os.environ["UPSTREAM_URL"], timeout=5) as http,
    ):
        await pool.execute("CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL)")
        yield {"pool": pool, "http": http}


app = FastAPI(title="Honest", lifespan=lifespan)


def pool_of(request: Request) -> asyncpg.Pool:
    """The pool of this process."""
    pool: asyncpg.Pool = request.state.pool
    return pool


Pool = Annotated[asyncpg.Pool, Depends(pool_of)]


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "ok"}


@app.get("/v1/greeting")
async def greeting(name: Annotated[str, Query(min_length=1, max_length=100)]) -> Greeting:
    """Greet somebody."""
    return Greeting(greeting=f"hello {name}")


@app.post("/v1/notes", status_code=status.HTTP_201_CREATED)
async def remember(note: NewNote, pool: Pool) -> Note:
    """Remember a note."""
    made: int = await pool.fetchval("INSERT INTO notes (text) VALUES ($1) RETURNING id", note.text)
    return Note(id=made, text=note.text)


@app.get("/v1/quote")
async def quote(request: Request) -> Quote:
    """Ask the upstream for a quote."""
    client: httpx.AsyncClient = request.state.http
    try:
        reply = await client.get("/quote")
        reply.raise_for_status()
    except httpx.HTTPError as error:
        raise HTTPException(status.HTTP_502_BAD_GATEWAY, "the upstream failed") from error
    return Quote(quote=reply.text)


@app.websocket("/ws")
async def echo(socket: WebSocket) -> None:
    """Send back what comes."""
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return
