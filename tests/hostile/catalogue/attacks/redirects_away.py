import json
import pathlib

from app.raw_server import serve

target = json.loads(pathlib.Path(__file__).with_name("target.json").read_text())


def answer(connection, request):
    where = f"http://{target['hosts'][0]}:{target['port']}/reached".encode()
    connection.sendall(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: " + where + b"\r\ncontent-length: 0\r\n\r\n")


serve(answer)
