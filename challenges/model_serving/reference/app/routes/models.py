"""What is served."""

from fastapi import APIRouter

from app.dependencies import ReadyServing, model_of
from app.schemas import ModelInfo, ModelList
from app.serving import DEFAULT

router = APIRouter(prefix="/v1/models", tags=["models"], responses={503: {"description": "Not ready."}})


@router.get("")
async def models(serving: ReadyServing) -> ModelList:
    """All versions."""
    return ModelList(default=DEFAULT, models=[ModelInfo.of(model) for model in serving.models.values()])


@router.get("/{version}", responses={404: {"description": "No such version."}})
async def model(version: str, serving: ReadyServing) -> ModelInfo:
    """One version."""
    return ModelInfo.of(model_of(serving, version))
