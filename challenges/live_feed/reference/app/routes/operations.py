"""Life, readiness and who is connected."""

from fastapi import APIRouter

from app.dependencies import HubDep
from app.schemas import Stats

router = APIRouter(tags=["operations"])


@router.get("/healthz")
@router.get("/readyz")
async def alive() -> dict[str, str]:
    """Say that the process works."""
    return {"status": "ok"}


@router.get("/stats")
async def stats(hub: HubDep) -> Stats:
    """How many WebSockets and event streams are open."""
    return hub.stats()
