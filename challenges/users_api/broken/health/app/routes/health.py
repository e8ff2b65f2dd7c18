"""Alive and ready: two questions, two answers."""

from fastapi import APIRouter

from app.problems import problems
from app.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="healthz", summary="Is the process alive?")
async def healthz() -> Health:
    """Touches nothing: an outage of the database is no reason to restart the service."""
    return Health()


@router.get("/readyz", operation_id="readyz", summary="Can it serve?", responses=problems(503))
async def readyz() -> Health:
    """Whoever answers is up."""
    return Health()
