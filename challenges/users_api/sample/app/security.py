import asyncio
import hashlib
import hmac
import os
import time
import uuid

import jwt
from fastapi import Depends, HTTPException, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import User, get_session

SECRET = os.environ.get("SECRET_KEY", "dev-secret-dev-secret-dev-secret-dev")
LIFETIME = 3600


def _hash(password: str, salt: bytes) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 100_000).hex()


async def hash_password(password: str) -> str:
    salt = os.urandom(16)
    return f"{salt.hex()}${await asyncio.to_thread(_hash, password, salt)}"


async def verify_password(password: str, stored: str | None) -> bool:
    if not stored:
        return False
    salt, digest = stored.split("$")
    return hmac.compare_digest(await asyncio.to_thread(_hash, password, bytes.fromhex(salt)), digest)


def make_token(user: User) -> str:
    return jwt.encode({"sub": str(user.id), "exp": int(time.time()) + LIFETIME}, SECRET, algorithm="HS256")


def unauthorized() -> HTTPException:
    return HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})


async def current_user(request: Request, session: AsyncSession = Depends(get_session)) -> User:
    header = request.headers.get("authorization", "")
    if not header.lower().startswith("bearer "):
        raise unauthorized()
    try:
        claims = jwt.decode(header[7:], SECRET, algorithms=["HS256"])
        user = await session.get(User, uuid.UUID(claims["sub"]))
    except (jwt.PyJWTError, KeyError, ValueError) as error:
        raise unauthorized() from error
    if user is None:
        raise unauthorized()
    return user


async def require_admin(user: User = Depends(current_user)) -> User:
    if user.role != "admin":
        raise HTTPException(403, "Admins only")
    return user
