import json
import os
import pathlib
import socket

target = json.loads(pathlib.Path(__file__).with_name("target.json").read_text())
reached = []
for host in [*target["hosts"], "172.17.0.1", "host.docker.internal", "gateway.docker.internal", "1.1.1.1"]:
    for port in (target["port"], 80, 2375, 2376):
        try:
            with socket.create_connection((host, port), timeout=0.3) as connection:
                connection.sendall(b"GET /reached HTTP/1.0\r\n\r\n")
            if host != "127.0.0.1":
                reached.append((host, port))
        except OSError:
            pass
for host, port in (("169.254.169.254", 80), ("fd00:ec2::254", 80)):
    try:
        socket.create_connection((host, port), timeout=0.3).close()
        reached.append((host, port))
    except OSError:
        pass
for family, packet in ((socket.AF_INET, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW)):
    try:
        socket.socket(family, packet, 255).close()
        reached.append(("raw", str(family)))
    except OSError:
        pass
for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"):
    if os.path.exists(path):
        reached.append(("file", path))
try:
    socket.getaddrinfo("example.com", 80)
    reached.append(("dns", "example.com"))
except OSError:
    pass
print("REACHED" if reached else "NOTHING", reached)
if reached:
    raise SystemExit(f"REACHED {reached}")
