import multiprocessing

from app.tracing import trace

context = multiprocessing.get_context("fork")
TOTAL = multiprocessing.cpu_count() * 2
spinning = context.Semaphore(0)


def spin():
    for _ in range(1_000_000):
        pass
    spinning.release()
    while True:
        pass


for _ in range(TOTAL):
    context.Process(target=spin, daemon=True).start()
for _ in range(TOTAL):
    spinning.acquire()
trace(f"busy: {TOTAL} processes have turned a million times each and go on")
