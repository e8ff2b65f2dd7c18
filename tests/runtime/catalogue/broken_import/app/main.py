"""Fails at import."""

from fastapi import FastAPI

app = FastAPI()
app.include_router(undefined_router)  # noqa: F821
