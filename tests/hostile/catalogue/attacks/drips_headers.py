import time

from app.raw_server import OK, serve


def answer(connection, request):
    connection.sendall(OK)
    number = 0
    while True:
        number += 1
        connection.sendall(b"x-%d: y\r\n" % number)
        time.sleep(1)


serve(answer)
