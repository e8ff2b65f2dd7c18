from app.tracing import run_at_first_request, trace

hoard = []


def fill():
    while True:
        hoard.append(b"x" * (16 * 1024 * 1024))
        trace(f"memory: {16 * len(hoard)} MB held")


run_at_first_request(fill)
