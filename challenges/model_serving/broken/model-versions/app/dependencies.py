"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, Request

from app.errors import unavailable
from app.serving import DEFAULT, Serving
from digit_model import Model


def any_serving(request: Request) -> Serving:
    """The one of this app, ready or not."""
    found = request.app.state.serving
    if not isinstance(found, Serving):
        raise TypeError("the lifespan has not run")
    return found


AnyServing = Annotated[Serving, Depends(any_serving)]


def ready_serving(serving: AnyServing) -> Serving:
    """The one of this app, with its models loaded."""
    if not serving.ready:
        raise unavailable("The models are being loaded.")
    return serving


ReadyServing = Annotated[Serving, Depends(ready_serving)]


def model_of(serving: Serving, version: str | None) -> Model:
    """The version that a request names, or the default."""
    return serving.models.get(version or DEFAULT, serving.models[DEFAULT])
