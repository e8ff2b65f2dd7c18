import itertools

from app.handshake import accept
from app.raw_server import send_until_refused, serve


def answer(connection, request):
    if accept(connection, request):
        send_until_refused("web-socket-pings", connection, itertools.repeat(b"\x89\x04ping" * 1000))


serve(answer)
