import os
import pathlib
import time

from app.tracing import trace

children = []
for _ in range(40):
    child = os.fork()
    if child == 0:
        os._exit(0)
    children.append(child)


def is_zombie(child):
    return pathlib.Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


while not all(map(is_zombie, children)):
    time.sleep(0.01)
trace(f"zombies: {len(children)} children have ended and are not waited for")
