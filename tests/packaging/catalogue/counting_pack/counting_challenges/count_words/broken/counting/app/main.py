"""Counts words."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict
from urllib.parse import quote

import httpx
from fastapi import FastAPI, Request
from pydantic import BaseModel


class State(TypedDict):
    """What lives as long as the process."""

    http: httpx.AsyncClient


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """One client for all calls."""
    async with httpx.AsyncClient(base_url=os.environ["DICTIONARY_URL"], timeout=10) as http:
        yield {"http": http}


app = FastAPI(lifespan=lifespan)


class Text(BaseModel):
    """What is to be counted."""

    text: str


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "ok"}


@app.post("/v1/counts", responses={400: {"description": "No JSON"}})
async def count(body: Text, request: Request) -> dict[str, int]:
    """Count the words that the dictionary knows."""
    replies = [await request.state.http.get(f"/words/{quote(word, safe='')}") for word in body.text.split()]
    return {"words": len(replies)}
