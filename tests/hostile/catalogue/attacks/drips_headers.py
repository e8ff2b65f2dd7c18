import itertools
import time

from app.raw_server import OK, serve
from app.tracing import trace


def answer(connection, request):
    connection.sendall(OK)
    for number in itertools.count(1):
        connection.sendall(b"x-%d: y\r\n" % number)
        if number == 3:
            trace(f"drip-headers: {number} headers sent, a second apart")
        time.sleep(1)


serve(answer)
