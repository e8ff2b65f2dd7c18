import gzip
import zlib

from app.raw_server import OK, serve
from app.tracing import trace

packer = zlib.compressobj(9, zlib.DEFLATED, 31)
BOMB = gzip.compress(b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(256)) + packer.flush())


def answer(connection, request):
    connection.sendall(
        OK
        + b"content-type: application/json\r\ncontent-encoding: gzip, gzip\r\ncontent-length: %d\r\n\r\n" % len(BOMB)
        + BOMB
    )
    trace(f"gzip-bomb: {len(BOMB)} bytes sent that unpack to 256 MiB")


serve(answer)
