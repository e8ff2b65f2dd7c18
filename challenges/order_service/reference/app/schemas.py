"""What goes over the wire, on both sides."""

import hashlib
import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
LONGEST_ID = 200
MOST_CENTS = 10**12


class Request(BaseModel):
    """Strict: a number is no text, an unknown member is a mistake."""

    model_config = ConfigDict(strict=True, extra="forbid")


class LineIn(Request):
    sku: Sku
    quantity: int = Field(ge=1, le=1000)


class OrderIn(Request):
    items: list[LineIn] = Field(min_length=1, max_length=20)
    payment_token: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")

    @model_validator(mode="after")
    def _each_sku_once(self) -> "OrderIn":
        if len({line.sku for line in self.items}) != len(self.items):
            raise ValueError("a sku is there more than once")
        return self

    def fingerprint(self) -> str:
        """Tells one body from another."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Line(BaseModel):
    sku: str
    quantity: int
    unit_price_cents: int


class Order(BaseModel):
    id: uuid.UUID
    status: Literal["confirmed"] = "confirmed"
    items: list[Line]
    total_cents: int
    created_at: datetime


class Receipt(BaseModel):
    order_id: uuid.UUID
    receipt_id: str


class Stock(BaseModel):
    sku: str
    available: int


class Answer(BaseModel):
    """What an upstream says; more members than we know are its own business."""

    model_config = ConfigDict(strict=True, extra="ignore")


class PricedLine(Answer):
    sku: str
    quantity: int
    unit_price_cents: int = Field(ge=0, le=MOST_CENTS)


class Reservation(Answer):
    reservation_id: str = Field(min_length=1, max_length=LONGEST_ID)
    items: list[PricedLine]


class Charge(Answer):
    charge_id: str = Field(min_length=1, max_length=LONGEST_ID)
    amount_cents: int


class ReceiptMade(Answer):
    receipt_id: str = Field(min_length=1, max_length=LONGEST_ID)


class StockLevel(Answer):
    sku: str
    available: int = Field(ge=0)


class Health(BaseModel):
    status: Literal["ok"] = "ok"
