from app.raw_server import OK, serve


def answer(connection, request):
    connection.sendall(OK)
    while True:
        connection.sendall(b"x-more: " + b"y" * 8000 + b"\r\n")


serve(answer)
