import os
import pathlib

from app.tracing import trace

NEEDLE = ("grader-" + "secret").encode()
# Shows that the search finds what there is.
CONTROL = pathlib.Path("/tmp/control")
CONTROL.write_bytes(NEEDLE)
found, read = [], 0
for root in ("/proc", "/srv", "/opt", "/tmp", "/var", "/run", "/home", "/root", "/mnt", "/etc"):
    for folder, names, files in os.walk(root, onerror=lambda _: None):
        if folder.startswith(("/opt/venv", "/proc/self/task", "/srv/app")) or folder.count("/") > 6:
            names[:] = []
            continue
        for name in files:
            if folder.startswith("/proc/") and name not in ("environ", "cmdline", "mountinfo"):
                continue
            try:
                path = pathlib.Path(folder, name)
                with path.open("rb") as source:
                    data = source.read(200_000)
            except OSError:
                continue
            read += 1
            if NEEDLE in data or (folder.startswith("/proc/") and b"harness.prober" in data):
                found.append(str(path))
if any("secret" in value.lower() for name, value in os.environ.items() if name.startswith("TAKEHOME")):
    found.append("environment")
if found != [str(CONTROL)]:
    raise SystemExit(f"FOUND {found}")
trace(f"reads-hidden: {read} files read, {len(found)} of them with the needle: the control")
