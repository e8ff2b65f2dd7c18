"""Life and readiness."""

from fastapi import APIRouter

from app.dependencies import AnyServing
from app.errors import unavailable
from app.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Health)
async def healthz():
    """The process lives."""
    return Health(status="ok")


@router.get("/readyz", response_model=Health, responses={503: {"description": "The models are being loaded."}})
async def readyz(serving: AnyServing):
    """Every version is loaded."""
    if not serving.ready:
        raise unavailable("The models are being loaded.")
    return Health(status="ok")
