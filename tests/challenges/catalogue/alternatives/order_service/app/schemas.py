"""What clients send and get."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

SKU_PATTERN: Final = "^[A-Za-z0-9-]{1,64}$"

Sku = Annotated[str, Field(pattern=SKU_PATTERN)]


class WantedItem(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=1000)]


class OrderRequest(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    items: Annotated[list[WantedItem], Field(min_length=1, max_length=20)]
    payment_token: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,100}$", repr=False)]

    @model_validator(mode="after")
    def _each_sku_once(self) -> "OrderRequest":
        if len({item.sku for item in self.items}) != len(self.items):
            raise ValueError("each sku may be named once only")
        return self

    def fingerprint(self) -> str:
        """The same for the same JSON body, however it was written down. Tells nothing of the token."""
        items = [[item.sku, item.quantity] for item in self.items]
        return hashlib.sha256(json.dumps([items, self.payment_token]).encode()).hexdigest()


class OrderItem(BaseModel):
    sku: str
    quantity: int
    unit_price_cents: int


class OrderView(BaseModel):
    id: UUID
    status: Literal["confirmed"] = "confirmed"
    total_cents: int
    items: list[OrderItem]
    created_at: datetime

    @classmethod
    def build(cls, order_id: UUID, items: list[OrderItem], created_at: datetime) -> "OrderView":
        return cls(id=order_id, total_cents=total_cents(items), items=items, created_at=created_at)


def total_cents(items: list[OrderItem]) -> int:
    return sum(item.quantity * item.unit_price_cents for item in items)


class ReceiptView(BaseModel):
    order_id: UUID
    receipt_id: str


class StockView(BaseModel):
    sku: str
    available: int


class HealthView(BaseModel):
    status: str
