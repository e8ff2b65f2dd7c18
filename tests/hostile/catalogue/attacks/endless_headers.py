import itertools

from app.raw_server import OK, send_until_refused, serve

HEADER = b"x-more: " + b"y" * 8000 + b"\r\n"


def answer(connection, request):
    connection.sendall(OK)
    send_until_refused("endless-headers", connection, itertools.repeat(HEADER))


serve(answer)
