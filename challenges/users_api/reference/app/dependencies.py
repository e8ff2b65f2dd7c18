"""What routes ask for: settings, a session, and who is calling."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import httpx
from fastapi import Depends, Request, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app import tokens, users
from app.database import Database
from app.problems import ProblemError
from app.settings import Settings
from app.tables import User


@dataclass(frozen=True)
class Resources:
    """What lives as long as the app."""

    settings: Settings
    database: Database
    profiles: httpx.AsyncClient


def get_resources(request: Request) -> Resources:
    """The app's resources, made at its start."""
    resources: Resources = request.app.state.resources
    return resources


ResourcesDep = Annotated[Resources, Depends(get_resources)]


async def get_session(resources: ResourcesDep) -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with resources.database.session() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]

_bearer = HTTPBearer(auto_error=False, description="The access token of POST /v1/login")
BearerDep = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def unauthorized(detail: str) -> ProblemError:
    """A 401 that says how to sign in."""
    return ProblemError(401, detail, {"WWW-Authenticate": "Bearer"})


async def caller_of(
    credentials: HTTPAuthorizationCredentials | None, settings: Settings, session: AsyncSession
) -> User:
    """The user who calls; 401 without a token of ours, or when its user is gone."""
    user_id = tokens.read(credentials.credentials, settings.secret_key) if credentials else None
    if user_id is None:
        raise unauthorized("Send a valid bearer token.")
    user = await users.find(session, user_id)
    if user is None:
        raise unauthorized("The user of this token is gone.")
    return user


async def get_caller(credentials: BearerDep, resources: ResourcesDep, session: SessionDep) -> User:
    """The user who calls, in the request's session."""
    return await caller_of(credentials, resources.settings, session)


CallerDep = Annotated[User, Depends(get_caller)]


async def require_admin(caller: CallerDep) -> User:
    """The caller, who has to be an admin."""
    if caller.role != "admin":
        raise ProblemError(403, "This is for admins.")
    return caller


AdminDep = Annotated[User, Depends(require_admin)]


async def visible_user(session: AsyncSession, caller: User, user_id: uuid.UUID) -> User:
    """A user whom the caller may see; to everybody else there is no such user."""
    user = await users.find(session, user_id) if caller.role == "admin" or caller.id == user_id else None
    if user is None:
        raise ProblemError(404, "There is no such user.")
    return user


async def get_user(user_id: uuid.UUID, caller: CallerDep, session: SessionDep) -> User:
    """The user of the path, if the caller may see it."""
    return await visible_user(session, caller, user_id)


UserDep = Annotated[User, Depends(get_user)]


def media_type(expected: str) -> params.Depends:
    """A dependency that refuses bodies of another media type."""

    def check(request: Request) -> None:
        found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if found != expected:
            accepts = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
            raise ProblemError(415, f"Send {expected}.", {accepts: expected})

    return params.Depends(check)
