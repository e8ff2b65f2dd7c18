import os

import uvicorn.protocols.http.h11_impl as http

from app.tracing import trace

seen = [0]


def crash_at_the_fifth(protocol):
    receive = protocol.data_received

    def counted(self, data):
        seen[0] += 1
        if seen[0] >= 5:
            trace(f"crashes: exits at request {seen[0]}")
            os._exit(7)
        receive(self, data)

    protocol.data_received = counted


crash_at_the_fifth(http.H11Protocol)
try:
    import uvicorn.protocols.http.httptools_impl as other
except ImportError:
    pass
else:
    crash_at_the_fifth(other.HttpToolsProtocol)
