"""What comes in and what goes out. What goes out has no field for a password to be in."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    field_validator,
)

# Of the profile service's texts: generous, since they are not ours to limit, and still a limit.
LONGEST_TEXT = 1_000_000


def _without_nul(text: str) -> str:
    # PostgreSQL has no way to keep it.
    if "\x00" in text:
        raise ValueError("must not contain NUL characters")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_without_nul),
    Field(examples=[""]),
]
Bio = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_without_nul)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=30), AfterValidator(_without_nul)]
Tags = Annotated[list[Tag], Field(max_length=10)]
Email = Annotated[
    EmailStr,
    Field(max_length=254, examples=["ada@example.com"]),
    AfterValidator(_without_nul),
    AfterValidator(str.lower),
]
Password = Annotated[str, StringConstraints(min_length=8, max_length=128), AfterValidator(_without_nul)]


class Input(BaseModel):
    """What the brief doesn't name is refused, `role` included."""

    model_config = ConfigDict(extra="forbid")


class UserImport(Input):
    email: Email
    name: Name
    bio: Bio | None = None
    tags: Tags = []


class UserCreate(UserImport):
    password: Password


class UserPatch(Input):
    """A merge patch (RFC 7396): absent keeps, null clears what can be cleared."""

    name: Name | None = None
    bio: Bio | None = None
    tags: Tags | None = None

    @field_validator("name", mode="before")
    @classmethod
    def _name_stays(cls, value: object) -> object:
        if value is None:
            raise ValueError("a user has a name: it can't be cleared")
        return value


class UsersImport(Input):
    users: list[UserImport] = Field(min_length=1, max_length=500)


class Credentials(Input):
    email: Annotated[str, StringConstraints(max_length=254), AfterValidator(_without_nul)]
    password: Annotated[str, StringConstraints(max_length=128), AfterValidator(_without_nul)]


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str = Field(max_length=254)
    name: str = Field(max_length=100)
    bio: str | None = Field(max_length=1000)
    tags: list[str] = Field(max_length=10)
    role: Literal["user", "admin"]
    created_at: datetime


class UserPage(BaseModel):
    items: list[UserOut] = Field(max_length=100)
    next_cursor: str | None = Field(max_length=100)


class Imported(BaseModel):
    created: int = Field(ge=1, le=500)


class Token(BaseModel):
    access_token: str = Field(max_length=2000)
    token_type: Literal["bearer"] = Field(default="bearer")
    expires_in: int = Field(ge=1, le=86400)


class ProfileOut(BaseModel):
    user_id: uuid.UUID
    headline: str = Field(max_length=LONGEST_TEXT)
    avatar_url: str = Field(max_length=LONGEST_TEXT)


class Health(BaseModel):
    status: Literal["ok"] = "ok"
