"""Whether a pod is whole: the service must not be judged by what it answers in a broken one."""

from __future__ import annotations

from harness.errors import EnvironmentFault
from harness.runtime.base import Pod, ProcessState

# SIGKILL, as the engine, a process and our supervisor of PostgreSQL tell it.
_KILLED = (137, -9, 247)


def expect_whole(pod: Pod, *, postgres: bool, struck: bool, closely: bool) -> None:
    """See that nobody else took away a part of it.

    `postgres` says that it has one, `struck` that a check sent that a signal. `closely` doesn't take the engine's word
    for it, which may learn of an end late: PostgreSQL itself has to answer.

    Raises:
        EnvironmentFault: a container was removed or PostgreSQL killed, and not by a check.
    """
    pod.state("candidate")
    if not postgres:
        return
    found = pod.state("postgres")
    if struck:
        return
    if closely and found.running:
        found = _asked(pod)
    if found.exit_code in _KILLED and not found.oom:
        raise EnvironmentFault("PostgreSQL was killed", detail="by somebody else, while the pod ran")


def _asked(pod: Pod) -> ProcessState:
    """The state of PostgreSQL once it has answered, or has ended while it was asked.

    Raises:
        EnvironmentFault: it doesn't answer.
    """
    try:
        pod.start("postgres")
    except EnvironmentFault:
        if pod.state("postgres").running:
            raise
    return pod.state("postgres")
