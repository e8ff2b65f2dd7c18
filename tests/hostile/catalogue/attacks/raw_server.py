"""Not an attack: a server of raw bytes on the service's port, for those that are."""

import os
import socket
import threading

OK = b"HTTP/1.1 200 OK\r\n"
HEALTH = OK + b"content-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


def serve(answer, healthy=True):
    """Answer each request by `answer(connection, request)`, and /healthz as one should."""
    server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=64)

    def one(connection):
        try:
            with connection:
                request = connection.recv(65536)
                if healthy and b" /healthz" in request:
                    connection.sendall(HEALTH)
                else:
                    answer(connection, request)
        except OSError:
            pass

    while True:
        connection, _ = server.accept()
        threading.Thread(target=one, args=(connection,), daemon=True).start()
