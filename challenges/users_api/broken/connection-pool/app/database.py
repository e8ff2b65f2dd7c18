"""The engine, its pool, and the session that a request borrows."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.passwords import hash_password
from app.problems import ProblemError
from app.settings import Settings
from app.tables import Base, User

logger = logging.getLogger(__name__)

START_ATTEMPTS = 30
_SCHEMA_LOCK = 724_001


class Database:
    """Owns the pool. Sessions come out of `session`, and go back when the block ends, however it ends."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(url, pool_pre_ping=True)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session; a database that can't be reached becomes a 503."""
        try:
            async with self._sessions() as session:
                yield session
        except (OSError, PoolTimeoutError) as error:
            raise ProblemError(503, "The database does not answer.") from error
        except DBAPIError as error:
            if error.connection_invalidated or is_outage(error):
                raise ProblemError(503, "The connection to the database was lost.") from error
            raise

    async def answers(self) -> bool:
        """Whether the database answers right now."""
        try:
            async with asyncio.timeout(5), self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (OSError, SQLAlchemyError):
            return False
        return True

    async def prepare(self, settings: Settings) -> None:
        """Make the tables and the admin account, whatever is there already; wait for a database that starts up."""
        for attempt in range(START_ATTEMPTS):
            try:
                await self._prepare(settings)
            except (OSError, DBAPIError):
                if attempt == START_ATTEMPTS - 1:
                    raise
                logger.warning("the database does not answer yet")
                await asyncio.sleep(1)
            else:
                return

    async def _prepare(self, settings: Settings) -> None:
        hashed = await hash_password(settings.admin_password)
        async with self._sessions.begin() as session:
            # Two processes that start together must not both make the tables, or the admin.
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
            connection = await session.connection()
            await connection.run_sync(Base.metadata.create_all)
            admin = await session.scalar(select(User).where(User.email == settings.admin_email))
            if admin is None:
                admin = User(email=settings.admin_email, name="Admin", role="admin")
                session.add(admin)
            elif admin.role != "admin":
                admin.role, admin.version = "admin", admin.version + 1
            admin.password_hash = hashed

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def is_outage(error: DBAPIError) -> bool:
    """Whether PostgreSQL said that it can't serve now: it stops or starts (57P), is lost (08) or is full (53)."""
    code = getattr(error.orig, "sqlstate", None)
    return isinstance(code, str) and code.startswith(("57P", "08", "53"))
