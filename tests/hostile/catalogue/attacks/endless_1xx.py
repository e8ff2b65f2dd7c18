from app.raw_server import serve


def answer(connection, request):
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 100)


serve(answer)
