import os
import pathlib

NEEDLE = ("grader-" + "secret").encode()
found = []
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
            if NEEDLE in data or (folder.startswith("/proc/") and b"harness.prober" in data):
                found.append(str(path))
if any("secret" in value.lower() for name, value in os.environ.items() if name.startswith("TAKEHOME")):
    found.append("environment")
if found:
    raise SystemExit(f"FOUND {found}")
