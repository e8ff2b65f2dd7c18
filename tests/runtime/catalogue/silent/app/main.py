"""Listens late: never."""

import time

from fastapi import FastAPI

app = FastAPI()
time.sleep(3600)
