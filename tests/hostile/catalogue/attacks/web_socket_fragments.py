import itertools
import struct

from app.handshake import accept
from app.raw_server import send_until_refused, serve


def answer(connection, request):
    if accept(connection, request):
        fragment = b"\x00\x7e" + struct.pack(">H", 60000) + b"x" * 60000
        send_until_refused("web-socket-fragments", connection, itertools.chain([b"\x01\x01x"], itertools.repeat(fragment)))


serve(answer)
