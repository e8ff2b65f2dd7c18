import time

from app.raw_server import OK, serve


def answer(connection, request):
    connection.sendall(OK + b"content-type: application/json\r\ncontent-length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"{")
        time.sleep(1)


serve(answer)
