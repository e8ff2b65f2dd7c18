import json
import os
import pathlib
import socket
from collections import Counter

from app.tracing import trace

target = json.loads(pathlib.Path(__file__).with_name("target.json").read_text())
tried, reached, reasons = 0, [], Counter()


def attempt(what, call):
    """Count the attempt, and note it if it is not refused."""
    global tried
    tried += 1
    try:
        call()
    except OSError as error:
        reasons[error.strerror or type(error).__name__] += 1
    else:
        reached.append(what)


def connect(host, port):
    with socket.create_connection((host, port), timeout=0.3) as connection:
        connection.sendall(b"GET /reached HTTP/1.0\r\n\r\n")


for host in [*target["hosts"], "172.17.0.1", "host.docker.internal", "gateway.docker.internal", "1.1.1.1"]:
    for port in (target["port"], 80, 2375, 2376):
        attempt((host, port), lambda host=host, port=port: connect(host, port))
for host, port in (("169.254.169.254", 80), ("fd00:ec2::254", 80)):
    attempt((host, port), lambda host=host, port=port: connect(host, port))
for family in (socket.AF_INET, socket.AF_PACKET):
    attempt(("raw", family), lambda family=family: socket.socket(family, socket.SOCK_RAW, 255).close())
for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"):
    attempt(("file", path), lambda path=path: os.stat(path))
attempt(("dns", "example.com"), lambda: socket.getaddrinfo("example.com", 80))
if reached:
    raise SystemExit(f"REACHED {reached}")
trace(f"egress: {tried} ways out tried, {sum(reasons.values())} refused: {dict(reasons)}")
