"""Markup and terminal codes in whatever a report may show."""

import json
import sys

import fastapi

from app.tracing import trace

BAD = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\x1b]0;owned\x07\u202e=cmd()"
serve = fastapi.FastAPI.__call__


async def speak(self, scope, receive, send):
    """Every answer but one is an error that speaks HTML."""
    if scope["type"] != "http" or scope["path"] in ("/healthz", "/openapi.json"):
        await serve(self, scope, receive, send)
        return
    print(BAD, file=sys.stderr)
    headers = [(b"content-type", b"text/html"), (b"x-bad", b"<script>alert(3)</script>")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"detail": BAD}).encode()})
    trace(f"script: {len(BAD)} characters of markup sent for {scope['path']}")


fastapi.FastAPI.__call__ = speak
