"""Not an attack: how the attacks show that they ran.

A trace is a line in the service's log, printed where the attack has done what it is there for or was refused. The
graders of the target challenge read it and keep it in the record.
"""

import os

import fastapi


def trace(text):
    """Print a trace; the empty line keeps it apart from output that has no line break."""
    os.write(1, f"\nTRACE {text}\n".encode())


def run_at_first_request(action):
    """Run `action` when the first request other than GET /healthz arrives, before it is answered."""
    serve = fastapi.FastAPI.__call__
    pending = [action]

    async def call(self, scope, receive, send):
        if pending and scope["type"] == "http" and scope["path"] != "/healthz":
            pending.pop()()
        await serve(self, scope, receive, send)

    fastapi.FastAPI.__call__ = call
