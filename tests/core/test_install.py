from __future__ import annotations

import pytest

from harness.errors import EnvironmentFault, SubmissionError
from harness.runtime.install import blame, packages, require_server

# Captured from uv 0.13.
NO_VERSION = """error: No solution found when resolving dependencies
  cause: Because there is no version of fastapi==99 and you require fastapi==99, we can conclude that your
requirements are unsatisfiable."""
NO_WHEEL = """  x No solution found when resolving dependencies:
  `-> Because only pkg==1.0 is available and pkg==1.0 has no usable wheels, we can conclude that ..."""
NO_NETWORK = """error: Failed to fetch: `https://index.example/simple/fastapi/`
  Caused by: error sending request for url
  Caused by: client error (Connect)
  Caused by: dns error: failed to lookup address information: Temporary failure in name resolution"""
BAD_CERTIFICATE = """error: Failed to fetch: `https://index.example/simple/x/`
  Caused by: invalid peer certificate: UnknownIssuer"""
FULL = "error: failed to write to file `/opt/venv/x`: No space left on device (os error 28)"


@pytest.mark.parametrize("output", [NO_VERSION, NO_WHEEL])
def test_what_can_not_be_resolved_is_the_submissions_fault(output: str) -> None:
    assert isinstance(blame(output, ["fastapi"]), SubmissionError)


@pytest.mark.parametrize("output", [NO_NETWORK, BAD_CERTIFICATE, FULL, "", "something new"])
def test_what_the_network_or_disk_broke_is_not_the_submissions_fault(output: str) -> None:
    assert isinstance(blame(output, ["fastapi"]), EnvironmentFault)


def test_a_network_failure_during_resolution_is_not_the_submissions_fault() -> None:
    assert isinstance(blame(f"{NO_NETWORK}\n{NO_VERSION}", ["fastapi"]), EnvironmentFault)


def test_packages_are_read_from_pins_with_markers_and_normalised() -> None:
    text = "FastAPI==0.1\nuv_icorn==2 ; python_version >= '3.11'\n# note\n"
    assert packages(text) == {"fastapi": "0.1", "uv-icorn": "2"}


def test_a_project_without_uvicorn_is_told_so() -> None:
    with pytest.raises(SubmissionError, match="uvicorn"):
        require_server({"fastapi": "0.1"}, "requirements.txt")
