"""Alive and ready: two questions, two answers."""

from fastapi import APIRouter

from app.dependencies import ResourcesDep
from app.problems import ProblemError, problems
from app.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="healthz", summary="Is the process alive?")
async def healthz() -> Health:
    """Touches nothing: an outage of the database is no reason to restart the service."""
    return Health()


@router.get("/readyz", operation_id="readyz", summary="Can it serve?", responses=problems(503))
async def readyz(resources: ResourcesDep) -> Health:
    """Asks the database."""
    if not await resources.database.answers():
        raise ProblemError(503, "The database does not answer.")
    return Health()
