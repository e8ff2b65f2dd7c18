"""The one table."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PENDING = "pending"
CONFIRMED = "confirmed"
FAILED = "failed"


class StoredItem(TypedDict):
    sku: str
    quantity: int
    unit_price_cents: int


class Base(DeclarativeBase):
    pass


class OrderRow(Base):
    """An order is pending, then confirmed or failed. A failed one says what is still to be undone; its
    prices and total are not known before it is confirmed. The total follows from the items.
    """

    __tablename__ = "orders"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    client_key: Mapped[str | None] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    items: Mapped[list[StoredItem] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    release_due: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    void_due: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    trace_id: Mapped[str] = mapped_column(String(32))
    trace_flags: Mapped[str] = mapped_column(String(2))
    request_id: Mapped[str] = mapped_column(Text)


LIVE_KEY = text("client_key IS NOT NULL AND status IN ('pending', 'confirmed')")

Index("orders_live_key", OrderRow.client_key, unique=True, postgresql_where=LIVE_KEY)
Index("orders_due", OrderRow.id, postgresql_where=text("release_due OR void_due"))
Index("orders_pending", OrderRow.id, postgresql_where=text("status = 'pending'"))
