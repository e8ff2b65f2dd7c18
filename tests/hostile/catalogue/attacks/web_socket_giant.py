import itertools
import struct

from app.handshake import accept
from app.raw_server import send_until_refused, serve


def answer(connection, request):
    if accept(connection, request):
        connection.sendall(b"\x81\x7f" + struct.pack(">Q", 2**40))
        send_until_refused("web-socket-giant", connection, itertools.repeat(b"x" * 65536))


serve(answer)
