import itertools

from app.raw_server import OK, send_until_refused, serve

CHUNK = b"10000\r\n" + b'"' * 0x10000 + b"\r\n"


def answer(connection, request):
    connection.sendall(OK + b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    send_until_refused("endless-body", connection, itertools.repeat(CHUNK))


serve(answer)
