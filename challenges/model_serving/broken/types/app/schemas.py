"""What goes over the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.limits import BATCH_ROWS, JOB_ROWS

PIXELS = 64

# Strict: texts and booleans are no numbers, and neither are NaN and the infinities, which Python's JSON lets pass.
Pixel = Annotated[float, Field(strict=True, ge=0, le=16, allow_inf_nan=False)]
Row = Annotated[list[Pixel], Field(min_length=PIXELS, max_length=PIXELS)]
Version = Annotated[str, Field(max_length=50, examples=["2.0.0"])]
JobStatus = Literal["queued", "running", "done", "failed"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Version | None = None


class PredictionRequest(_Body):
    """Some digits, and who is to read them."""

    inputs: list[Row] = Field(min_length=1, max_length=BATCH_ROWS)


class JobRequest(_Body):
    """Many digits."""

    inputs: list[Row] = Field(min_length=1, max_length=JOB_ROWS)


class Digit(BaseModel):
    """How one row was read."""

    label: int = Field(ge=0, le=9)
    probabilities: list[float] = Field(min_length=10, max_length=10)


class PredictionResponse(BaseModel):
    """One digit for each input, in the order of the inputs."""

    version: Version
    predictions: list[Digit] = Field(max_length=JOB_ROWS)


class Signature(BaseModel):
    """What a row has to be."""

    features: int
    minimum: float
    maximum: float
    labels: list[int] = Field(max_length=100)


class ModelInfo(BaseModel):
    """One version of the model."""

    name: str
    version: Version
    kind: str
    accuracy: float
    signature: Signature

    @classmethod
    def of(cls, model):
        """What a loaded model says of itself."""
        signature = model.signature
        return cls(
            name=model.name,
            version=model.version,
            kind=model.kind,
            accuracy=model.accuracy,
            signature=Signature(
                features=signature.features,
                minimum=signature.minimum,
                maximum=signature.maximum,
                labels=list(signature.labels),
            ),
        )


class ModelList(BaseModel):
    """All versions; `default` is used when a request names none."""

    default: Version
    models: list[ModelInfo] = Field(max_length=100)


class JobInfo(BaseModel):
    """How far a job is."""

    id: str
    status: JobStatus
    version: Version
    total: int = Field(ge=1)
    completed: int = Field(ge=0)


class Health(BaseModel):
    """A word."""

    status: Literal["ok"]


def digits(prediction):
    """A prediction as it is answered."""
    return [
        Digit(label=int(label), probabilities=[float(share) for share in shares])
        for label, shares in zip(prediction.labels, prediction.probabilities, strict=True)
    ]
