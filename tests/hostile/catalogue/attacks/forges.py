"""Says in every way it can that all is well, and does nothing that was asked for."""

import json
import os
import socket
import sys
import threading

from app.raw_server import HEALTH, serve

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


def squat(address):
    try:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(address)
        server.listen()
        while True:
            connection, _ = server.accept()
            connection.sendall(FRAME.encode() + HEALTH)
            connection.close()
    except OSError:
        return


for port in (*range(9101, 9111), 5432):
    threading.Thread(target=squat, args=(("127.0.0.1", port),), daemon=True).start()
    for path in (b"/", b"/control", b"/_control/release", b"/respond"):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.3) as client:
                client.sendall(b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
        except OSError:
            pass
for name in (b"\0takehome", b"\0prober"):
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(name)
    abstract.listen()
serve(lambda connection, request: connection.sendall(HEALTH))
