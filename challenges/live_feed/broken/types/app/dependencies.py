"""What routes are given."""

from typing import Annotated

from app.export import Source
from app.hub import Hub
from app.settings import Settings, get_settings
from app.tokens import user_of
from fastapi import Depends, Header, HTTPException, Path, Request, WebSocket


def get_hub(request: Request):
    """The hub of this process."""
    hub: Hub = request.app.state.hub
    return hub


def get_source(request: Request):
    """The service that the export passes on."""
    source: Source = request.app.state.source
    return source


def socket_hub(websocket: WebSocket):
    """The hub of this process, for WebSockets."""
    hub: Hub = websocket.app.state.hub
    return hub


SettingsDep = Annotated[Settings, Depends(get_settings)]


def get_user(settings: SettingsDep, authorization: Annotated[str, Header()] = ""):
    """The user of a bearer token."""
    scheme, _, token = authorization.partition(" ")
    user = user_of(token.strip(), settings.secret_key) if scheme.lower() == "bearer" else None
    if user is None:
        raise HTTPException(401, "a valid token is needed", headers={"WWW-Authenticate": "Bearer"})
    return user


User = Annotated[str, Depends(get_user)]
HubDep = Annotated[Hub, Depends(get_hub)]
SocketHub = Annotated[Hub, Depends(socket_hub)]
SourceDep = Annotated[Source, Depends(get_source)]
Name = Annotated[str, Path()]
