"""Not an attack: a server of raw bytes on the service's port, for attacks that answer with wrong bytes."""

import os
import socket
import threading

from app.tracing import trace

OK = b"HTTP/1.1 200 OK\r\n"
HEALTH = OK + b"content-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


def serve(answer, healthy=True):
    """Answer each request by `answer(connection, request)`, and /healthz correctly if `healthy`."""
    server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=64)

    def handle(connection):
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
        threading.Thread(target=handle, args=(connection,), daemon=True).start()


def send_until_refused(name, connection, pieces):
    """Send pieces until the client closes the connection, and leave a trace of how much was sent."""
    sent = 0
    try:
        for piece in pieces:
            connection.sendall(piece)
            sent += len(piece)
    except OSError as error:
        trace(f"{name}: {sent} bytes sent, then {error.strerror}")
        raise
