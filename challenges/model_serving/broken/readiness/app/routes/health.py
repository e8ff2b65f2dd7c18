"""Life and readiness."""

from fastapi import APIRouter

from app.dependencies import AnyServing
from app.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Health:
    """The process lives."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"description": "The models are being loaded."}})
async def readyz(serving: AnyServing) -> Health:
    """Every version is loaded."""
    del serving
    return Health(status="ok")
