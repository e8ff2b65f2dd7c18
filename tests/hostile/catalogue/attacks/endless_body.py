from app.raw_server import OK, serve


def answer(connection, request):
    connection.sendall(OK + b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b'"' * 0x10000 + b"\r\n"
    while True:
        connection.sendall(chunk)


serve(answer)
