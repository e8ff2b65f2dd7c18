"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from app.errors import unavailable
from app.serving import DEFAULT, Serving


def any_serving(request: Request):
    """The one of this app, ready or not."""
    found = request.app.state.serving
    if not isinstance(found, Serving):
        raise TypeError("the lifespan has not run")
    return found


AnyServing = Annotated[Serving, Depends(any_serving)]


def ready_serving(serving: AnyServing):
    """The one of this app, with its models loaded."""
    if not serving.ready:
        raise unavailable("The models are being loaded.")
    return serving


ReadyServing = Annotated[Serving, Depends(ready_serving)]


def model_of(serving, version):
    """The version that a request names, or the default."""
    model = serving.models.get(DEFAULT if version is None else version)
    if model is None:
        raise HTTPException(404, "There is no such version.")
    return model
