"""Signing in."""

from fastapi import APIRouter

from app import tokens, users
from app.dependencies import ResourcesDep, media_type, unauthorized
from app.passwords import verify_password
from app.problems import problems
from app.schemas import Credentials, Token

router = APIRouter(prefix="/v1", tags=["login"])


@router.post(
    "/login",
    operation_id="login",
    summary="Get an access token",
    responses=problems(400, 401, 415, 422, 503),
    dependencies=[media_type("application/json")],
)
async def login(credentials: Credentials, resources: ResourcesDep) -> Token:
    """Trade an e-mail address and its password for a token."""
    # The session goes back before the slow part: hashing must not keep a connection.
    async with resources.database.session() as session:
        user = await users.find_by_email(session, credentials.email)
    good = await verify_password(credentials.password, user.password_hash if user else None)
    if user is None or not good:
        raise unauthorized("The e-mail address or the password is wrong.")
    return Token(
        access_token=tokens.issue(user.id, resources.settings.secret_key),
        expires_in=int(tokens.LIFETIME.total_seconds()),
    )
