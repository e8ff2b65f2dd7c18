import os
import time

from app.tracing import trace

reader, writer = os.pipe()
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(writer, b"x")
            for descriptor in (0, 1, 2, writer):
                os.close(descriptor)
            while True:
                time.sleep(1)
        os._exit(0)
detached = 0
while detached < 5:
    detached += len(os.read(reader, 5))
trace(f"detaches: {detached} processes run in sessions of their own")
