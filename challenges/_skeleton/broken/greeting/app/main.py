"""The application."""

import os
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, Field

GREETING = os.environ["GREETING"]

app = FastAPI(title="Greetings", version="1.0.0")


class Person(BaseModel):
    """Who is to be greeted."""

    name: Annotated[str, Field(min_length=1)]


class Greeting(BaseModel):
    """What is said."""

    text: str


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "ok"}


@app.post("/v1/greetings", status_code=201)
async def greet(person: Person) -> Greeting:
    """Greet a person."""
    return Greeting(text=f"{GREETING} {person.name}")
