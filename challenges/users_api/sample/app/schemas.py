import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints, field_validator

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=30)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Profile(Strict):
    email: EmailStr = Field(max_length=254)
    name: Name
    bio: str | None = Field(None, max_length=1000)
    tags: list[Tag] = Field(default_factory=list, max_length=10)

    @field_validator("email")
    @classmethod
    def lower(cls, value: str) -> str:
        return value.lower()


class UserCreate(Profile):
    password: str = Field(min_length=8, max_length=128)


class UserPatch(Strict):
    name: Name | None = None
    bio: str | None = Field(None, max_length=1000)
    tags: list[Tag] | None = Field(None, max_length=10)


class Login(Strict):
    email: str
    password: str


class Import(Strict):
    users: list[Profile] = Field(min_length=1, max_length=500)


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    name: str
    bio: str | None
    tags: list[str]
    role: str
    created_at: datetime


class Page(BaseModel):
    items: list[UserOut]
    next_cursor: str | None
