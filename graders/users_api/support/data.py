"""Data that differs in every run, from the recorded seed: no answer can be known beforehand."""

from __future__ import annotations

import random
import string
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

_SYLLABLES = ("ka", "lo", "mi", "ren", "sa", "tor", "ve", "zi", "bel", "dun", "fa", "gri", "hol", "nu")
_LETTERS = "áçèñöüßłőşžđΩλЖю日本한ह"
_DOMAINS = ("com", "org", "net", "io", "dev")
_PASSWORD = string.ascii_letters + string.digits + "!#%&*+-=?@^_~ éß"


@dataclass(frozen=True)
class Person:
    """What a user is made of. `bio` None and empty `tags` are left out of the bodies."""

    email: str
    name: str
    password: str
    bio: str | None = None
    tags: list[str] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """As one row of an import: no password."""
        row: dict[str, Any] = {"email": self.email, "name": self.name}
        if self.bio is not None:
            row["bio"] = self.bio
        if self.tags:
            row["tags"] = list(self.tags)
        return row

    def body(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        """As the body of POST /v1/users, with members added or replaced."""
        return {**self.row(), "password": self.password, **more}

    def named(self, email: str) -> Person:
        return replace(self, email=email)


class People:
    """A source of random people."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def word(self, syllables: int = 3) -> str:
        return "".join(self.rng.choice(_SYLLABLES) for _ in range(syllables))

    def text(self, words: int = 3) -> str:
        """Some words, at least one of them with letters beyond ASCII."""
        parts = [self.word().capitalize() for _ in range(words)]
        parts[self.rng.randrange(words)] += "".join(self.rng.choices(_LETTERS, k=3))
        return " ".join(parts)

    def uuid(self) -> str:
        """An id that nobody has."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def email(self) -> str:
        """A lower-case address that nobody has yet (48 random bits)."""
        return f"{self.word(2)}.{self.rng.getrandbits(48):012x}@{self.word(3)}.{self.rng.choice(_DOMAINS)}"

    def password(self, length: int = 20) -> str:
        middle = "".join(self.rng.choices(_PASSWORD, k=length - 2))
        return self.rng.choice(string.ascii_letters) + middle + self.rng.choice(string.digits)

    def tags(self, count: int = 3) -> list[str]:
        return [f"{self.word(2)}-{self.rng.randrange(1000)}" for _ in range(count)]

    def person(self) -> Person:
        return Person(
            email=self.email(), name=self.text(2), password=self.password(), bio=self.text(5), tags=self.tags()
        )

    def people(self, count: int) -> list[Person]:
        return [self.person() for _ in range(count)]

    def spellings(self, email: str, count: int) -> list[str]:
        """`count` different spellings of one address in upper and lower case, the given one not among them."""
        made: dict[str, None] = {}
        while len(made) < count:
            spelt = "".join(c.upper() if self.rng.random() < 0.5 else c for c in email)
            if spelt != email:
                made[spelt] = None
        return list(made)
