import os
import sys

import uvicorn.protocols.http.h11_impl as http

seen = [0]
was = http.H11Protocol.data_received


def counted(self, data):
    seen[0] += 1
    if seen[0] >= 5:
        os._exit(7)
    was(self, data)


http.H11Protocol.data_received = counted
try:
    import uvicorn.protocols.http.httptools_impl as other

    before = other.HttpToolsProtocol.data_received

    def also(self, data):
        seen[0] += 1
        if seen[0] >= 5:
            os._exit(7)
        before(self, data)

    other.HttpToolsProtocol.data_received = also
except ImportError:
    sys.stderr.write("no httptools\n")
