"""Not an attack: the answer to a WebSocket's handshake, for attacks that go on with wrong frames."""

import base64
import hashlib

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept(connection, request):
    """Switch protocols, whether or not the request asks for it; whether it does."""
    lines = (line.partition(b":") for line in request.split(b"\r\n"))
    key = next((value.strip() for name, _, value in lines if name.lower() == b"sec-websocket-key"), b"")
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: "
        + base64.b64encode(hashlib.sha1(key + GUID).digest())
        + b"\r\n\r\n"
    )
    return bool(key)
