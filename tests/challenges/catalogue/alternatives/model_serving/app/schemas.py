"""What comes and goes as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from digit_model import Array, Model
from pydantic import BaseModel, ConfigDict, FailFast, Field

from app.settings import DEFAULT_VERSION, FEATURES, JOB_ROWS, PIXEL_MAXIMUM, PREDICTION_ROWS

if TYPE_CHECKING:
    from app.jobs import Snapshot
    from app.models import Scores

Pixel = Annotated[float, Field(ge=0, le=PIXEL_MAXIMUM, allow_inf_nan=False)]
Row = Annotated[list[Pixel], Field(min_length=FEATURES, max_length=FEATURES), FailFast()]


@dataclass(frozen=True)
class Work:
    """A request that was found good."""

    version: str
    rows: Array


class Asked(BaseModel):
    """Strict: a text or a boolean is no number."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    inputs: list[Row]
    version: str | None = None

    def work(self) -> Work:
        return Work(DEFAULT_VERSION if self.version is None else self.version, np.array(self.inputs, np.float64))


class PredictionsAsked(Asked):
    inputs: Annotated[list[Row], Field(min_length=1, max_length=PREDICTION_ROWS), FailFast()]


class JobAsked(Asked):
    inputs: Annotated[list[Row], Field(min_length=1, max_length=JOB_ROWS), FailFast()]


class PredictionOut(BaseModel):
    label: int
    probabilities: list[float]


class PredictionsOut(BaseModel):
    version: str
    predictions: list[PredictionOut]

    @classmethod
    def of(cls, version: str, scores: Scores) -> PredictionsOut:
        pairs = zip(scores.labels, scores.probabilities, strict=True)
        return cls(version=version, predictions=[PredictionOut(label=a, probabilities=b) for a, b in pairs])


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

    @classmethod
    def of(cls, model: Model) -> ModelOut:
        signature = SignatureOut(
            features=model.signature.features,
            minimum=model.signature.minimum,
            maximum=model.signature.maximum,
            labels=list(model.signature.labels),
        )
        return cls(
            name=model.name, version=model.version, kind=model.kind, accuracy=model.accuracy, signature=signature
        )


class ModelsOut(BaseModel):
    default: str
    models: list[ModelOut]


class JobOut(BaseModel):
    id: str
    status: str
    version: str
    total: int
    completed: int

    @classmethod
    def of(cls, job: Snapshot) -> JobOut:
        return cls(
            id=job.id, status=job.status.value, version=job.version, total=job.total, completed=job.completed
        )


class State(BaseModel):
    status: str
