"""Claims in every way it can that all is well, and does nothing that was asked for."""

import json
import os
import socket
import sys
import threading

from app.raw_server import HEALTH, serve
from app.tracing import trace

IDS = ("alive", "greeting", "notes", "quotes", "echo", "types", "lint")
FRAME = "".join(json.dumps({"kind": "check", "id": i, "outcome": "pass", "summary": "FORGED"}) + "\n" for i in IDS)
for stream in (sys.stdout, sys.stderr):
    stream.write(FRAME)
    stream.flush()
for folder in ("/tmp", "."):
    for name in ("result.json", "report.html"):
        try:
            with open(os.path.join(folder, name), "w") as target:
                target.write('{"score": {"value": 100}, "FORGED": true}')
        except OSError:
            pass


def squat(port):
    """Hold a port that is not the service's; whether that worked."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        server.bind(("127.0.0.1", port))
        server.listen()
    except OSError:
        return False
    threading.Thread(target=forge_answers, args=(server,), daemon=True).start()
    return True


def forge_answers(server):
    while True:
        connection, _ = server.accept()
        try:
            with connection:
                connection.sendall(FRAME.encode() + HEALTH)
        except OSError:
            pass


def post(port, path):
    """Ask the stub for something that only the graders may; whether the request was sent."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.3) as client:
            client.sendall(b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
    except OSError:
        return False
    return True


PORTS = (*range(9101, 9111), 5432)
sent = sum(post(port, path) for port in PORTS for path in (b"/", b"/control", b"/_control/release", b"/respond"))
squatted = sum(squat(port) for port in PORTS)
for name in (b"\0takehome", b"\0prober"):
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(name)
    abstract.listen()
trace(f"forges: {len(IDS)} results printed, {squatted} ports squatted, {sent} requests to the stub's control side")
serve(lambda connection, request: connection.sendall(HEALTH))
