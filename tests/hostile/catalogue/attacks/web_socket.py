"""Giant frames, then endless fragments, then endless pings, one kind for each WebSocket; it never closes."""

import base64
import hashlib
import itertools
import struct

from app.raw_server import send_until_refused, serve

TURN = itertools.cycle(("giant", "fragments", "pings"))
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def answer(connection, request):
    key = next(
        (line.split(b":", 1)[1].strip() for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")),
        b"",
    )
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: "
        + accept
        + b"\r\n\r\n"
    )
    match next(TURN) if key else "giant":
        case "giant":
            connection.sendall(b"\x81\x7f" + struct.pack(">Q", 2**40))
            send_until_refused("web-socket: giant frame", connection, itertools.repeat(b"x" * 65536))
        case "fragments":
            connection.sendall(b"\x01\x01x")
            fragment = b"\x00\x7e" + struct.pack(">H", 60000) + b"x" * 60000
            send_until_refused("web-socket: fragments", connection, itertools.repeat(fragment))
        case "pings":
            send_until_refused("web-socket: pings", connection, itertools.repeat(b"\x89\x04ping" * 1000))


serve(answer)
