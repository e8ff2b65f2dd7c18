import time

from app.raw_server import serve

serve(lambda connection, request: time.sleep(3600), healthy=False)
