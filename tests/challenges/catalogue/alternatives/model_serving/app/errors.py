"""Errors that several modules answer with."""

from fastapi import HTTPException

from app.settings import RETRY_SECONDS


def busy(why: str) -> HTTPException:
    return HTTPException(503, why, {"Retry-After": str(RETRY_SECONDS)})
