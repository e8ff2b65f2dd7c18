"""Chores that somebody wrote in a hurry."""

import asyncio
import os
import subprocess
import time
from datetime import datetime
from typing import Any

import httpx


async def wait_for_upstream(url: str) -> bool:
    """Whether it came up."""
    for _ in range(10):
        try:
            if httpx.get(url, verify=False).status_code == 200:
                return True
        except:
            pass
        time.sleep(1)
    return False


async def archive(folder: str, name: str) -> str:
    """Pack the old orders."""
    stamp = datetime.now().isoformat()
    subprocess.run(f"tar czf /tmp/{name}-{stamp}.tgz {folder}", shell=True)
    with open(f"/tmp/{name}.log", "a") as log:
        log.write(stamp)
    return stamp


async def later(job: Any, seen: list[str] = []) -> None:
    """Run it some time."""
    asyncio.create_task(job())
    seen.append(str(job))
    try:
        eval(os.environ.get("HOOK", "None"))
    except Exception:
        pass
