"""What others say about a note."""

from __future__ import annotations

import httpx
from pydantic import BaseModel, ValidationError


class Opinion(BaseModel):
    words: list[str]
    stars: int


async def opinion(client: httpx.AsyncClient, number: int) -> Opinion | None:
    try:
        reply = await client.get(f"/opinions/{number}", timeout=httpx.Timeout(5.0, connect=1.0))
        reply.raise_for_status()
        return Opinion.model_validate_json(reply.content)
    except (httpx.HTTPError, ValidationError):
        return None
