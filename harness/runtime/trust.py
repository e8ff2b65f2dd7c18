"""Which CA certificates package downloads trust, where a company proxy has its own."""

from __future__ import annotations

import os
from pathlib import Path

from harness.errors import UsageError


def ca_bundle(named: Path | None) -> Path | None:
    """The CA bundle to hand into containers: the named one, else the one that this machine's own tools are told to use.

    Raises:
        UsageError: the named file isn't there.
    """
    if named is not None:
        if not named.is_file():
            raise UsageError("no CA bundle there", where=f"--ca-bundle {named}", next_step="name a PEM file")
        return named
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        value = os.environ.get(variable)
        if value and Path(value).is_file():
            return Path(value)
    return None
