import time

from app.tracing import trace

trace(f"never-listens: asleep for {3600} s")
time.sleep(3600)
