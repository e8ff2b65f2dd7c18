"""BodyLimit: no request body is read past the limit."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse


class _TooLargeError(Exception):
    """The body grew past the limit."""


class BodyLimit:
    """Answers 413 to a body that says it is too large, or that turns out to be."""

    def __init__(self, app, most_bytes):
        self._app = app
        self._most = most_bytes

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > self._most:
            await self._refuse(scope, receive, send)
            return
        read, started = 0, False

        async def counted():
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise _TooLargeError
            return message

        async def watched(message):
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except _TooLargeError:
            if not started:
                await self._refuse(scope, receive, send)

    @staticmethod
    async def _refuse(scope, receive, send):
        await JSONResponse({"detail": "The body is too large."}, 413)(scope, receive, send)
