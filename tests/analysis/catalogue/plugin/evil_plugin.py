import os
import pathlib

pathlib.Path(os.environ.get("TMPDIR", "/tmp"), "takehome-marker").write_text("the plugin ran")


def plugin(version):
    raise SystemExit(0)
