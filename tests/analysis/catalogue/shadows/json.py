import os, pathlib
pathlib.Path(os.environ.get("TMPDIR", "/tmp"), "takehome-marker").write_text("json ran")
