import os

from app.tracing import trace


def fill(path):
    """How many MB of a file could be written, and what ended it."""
    written = 0
    try:
        with open(path, "wb", buffering=0) as target:
            while written < 10 * 1024**3:
                written += target.write(b"x" * 1024 * 1024)
    except OSError as error:
        return written >> 20, error.strerror
    return written >> 20, "no limit"


def make_files(folder):
    """How many empty files could be made, and what ended it."""
    made = 0
    try:
        while made < 200_000:
            open(os.path.join(folder, f"inode-{made}"), "w").close()
            made += 1
    except OSError as error:
        return made, error.strerror
    return made, "no limit"


for folder in ("/tmp", "/", "/srv/app", "/dev/shm", "/var/tmp", "/run"):
    megabytes, why = fill(os.path.join(folder, "filler"))
    files, why_files = make_files(folder)
    trace(f"disk: {folder}: {megabytes} MB, then {why}; {files} files, then {why_files}")
for name in os.listdir("/tmp"):
    try:
        os.unlink(os.path.join("/tmp", name))
    except OSError:
        pass
