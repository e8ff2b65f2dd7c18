import itertools
import time

from app.raw_server import OK, serve
from app.tracing import trace


def answer(connection, request):
    connection.sendall(OK + b"content-type: application/json\r\ncontent-length: 100000\r\n\r\n")
    for number in itertools.count(1):
        connection.sendall(b"{")
        if number == 3:
            trace(f"drip-body: {number} bytes sent, a second apart")
        time.sleep(1)


serve(answer)
