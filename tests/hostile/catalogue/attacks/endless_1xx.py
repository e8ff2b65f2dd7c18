import itertools

from app.raw_server import send_until_refused, serve

HINTS = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 100
serve(lambda connection, request: send_until_refused("endless-1xx", connection, itertools.repeat(HINTS)))
