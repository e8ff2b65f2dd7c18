"""Uses more memory than it may."""

from fastapi import FastAPI

hoard = [bytearray(8 * 1024 * 1024) for _ in range(64)]
app = FastAPI()
