"""Answers: what goes over the wire."""

import digit_model
from digit_model import Prediction
from pydantic import BaseModel

from app.jobs import Job, Status


class PredictionOut(BaseModel):
    label: int
    probabilities: list[float]


class PredictionsOut(BaseModel):
    version: str
    predictions: list[PredictionOut]


class SignatureOut(BaseModel):
    features: int
    minimum: float
    maximum: float
    labels: list[int]


class ModelOut(BaseModel):
    name: str
    version: str
    kind: str
    accuracy: float
    signature: SignatureOut


class ModelsOut(BaseModel):
    default: str
    models: list[ModelOut]


class JobOut(BaseModel):
    id: str
    status: Status
    version: str
    total: int
    completed: int


def predictions_out(version: str, found: Prediction) -> PredictionsOut:
    pairs = zip(found.labels.tolist(), found.probabilities.tolist(), strict=True)
    return PredictionsOut(
        version=version,
        predictions=[PredictionOut(label=label, probabilities=shares) for label, shares in pairs],
    )


def model_out(model: digit_model.Model) -> ModelOut:
    signature = model.signature
    return ModelOut(
        name=model.name,
        version=model.version,
        kind=model.kind,
        accuracy=model.accuracy,
        signature=SignatureOut(
            features=signature.features,
            minimum=signature.minimum,
            maximum=signature.maximum,
            labels=list(signature.labels),
        ),
    )


def job_out(job: Job) -> JobOut:
    # The status first: what is done is complete by then.
    status = job.status
    return JobOut(
        id=job.id,
        status=status,
        version=job.asked.version,
        total=job.total,
        completed=job.completed,
    )
