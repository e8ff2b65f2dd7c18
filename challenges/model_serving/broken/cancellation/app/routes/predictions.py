"""Predictions: answered when they are there, given up when nobody waits for them."""

from fastapi import APIRouter

from app.batching import OverloadedError
from app.dependencies import ReadyServing, model_of
from app.errors import unavailable
from app.schemas import PredictionRequest, PredictionResponse

router = APIRouter(prefix="/v1/predictions", tags=["predictions"])


@router.post(
    "",
    responses={
        404: {"description": "No such version."},
        413: {"description": "The body is too large."},
        503: {"description": "Not ready, or too busy."},
    },
)
async def predict(body: PredictionRequest, serving: ReadyServing) -> PredictionResponse:
    """Read some digits."""
    model = model_of(serving, body.version)
    try:
        with serving.admission.of(len(body.inputs)):
            found = await serving.batchers[model.version].submit(body.inputs)
    except OverloadedError as error:
        raise unavailable("Too many digits are waiting.") from error
    return PredictionResponse(version=model.version, predictions=found)
