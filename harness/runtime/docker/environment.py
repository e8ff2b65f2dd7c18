"""Environment images: the base with one resolved set of dependencies, keyed by it and shared by all who need it."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress

from docker import DockerClient
from docker.errors import APIError, ImageNotFound
from docker.models.images import Image
from docker.types import Mount
from requests import RequestException

from harness.errors import EnvironmentFault, SubmissionError
from harness.events import Listener, Note
from harness.runtime.base import Environment
from harness.runtime.docker.build import CA_PATH, Builder, BuildOptions, archive, builder, image_labels
from harness.runtime.docker.engine import BUILD, engine_faults
from harness.runtime.docker.tools_image import POSTGRES_UID, ROOT, add_user, analysis_key, tools_volume
from harness.runtime.docker.tools_image import PYTHON as TOOLS_PYTHON
from harness.runtime.docker.watch import watched
from harness.runtime.install import (
    blame,
    compile_arguments,
    content_key,
    install_arguments,
    packages,
    require_server,
)
from harness.runtime.lock import host_lock

REPOSITORY = "takehome-env"
CANDIDATE_UID = 10001
VENV = "/opt/venv"
PYTHON = f"{VENV}/bin/python"
CACHE = "/opt/takehome-cache"
_UV = f"{ROOT}/venv/bin/uv"
# Counted up when an image is made differently from the same requirements.
_FORM = "3"
_RESOLVE_S, _INSTALL_S, _COMPILE_S, _WARM_S = 120, 300, 120, 180
_MAX_MB = 4000
_LOOK_S = 3.0


def ensure(
    client: DockerClient,
    base: str,
    tools: str,
    requirements: tuple[str, ...],
    options: BuildOptions,
    listener: Listener,
) -> Environment:
    """Build or reuse the image that has these requirements.

    Raises:
        SubmissionError: they don't resolve, need an sdist, lack uvicorn or are larger than 4 GB.
        EnvironmentFault: the engine, the network or the disk failed.
    """
    with engine_faults("looking for the base image"):
        base_id = str(client.images.get(base).id)
    inputs = f"in-{content_key([_FORM, base_id, analysis_key(), options.index_url or '', *requirements])}"
    found = _find(client, inputs)
    if found is not None:
        return _environment(found, reused=True)
    # Two grades of a batch that need the same begin at the same moment.
    with host_lock(f"environment-{inputs}"):
        found = _find(client, inputs)
        if found is not None:
            return _environment(found, reused=True)
        return _built(client, base, base_id, tools, requirements, options, listener, inputs)


def _built(
    client: DockerClient,
    base: str,
    base_id: str,
    tools: str,
    requirements: tuple[str, ...],
    options: BuildOptions,
    listener: Listener,
    inputs: str,
) -> Environment:
    mounts = [Mount(ROOT, tools_volume(client, tools), type="volume", read_only=True)]
    with ExitStack() as held:
        with builder(client, base, options, mounts=mounts) as box:
            resolved = _resolve(box, requirements, options)
            key = content_key([_FORM, base_id, analysis_key(), resolved])
            # Other requirements may resolve to the same, and be at it at this moment.
            held.enter_context(host_lock(f"environment-{key}"))
            found = _find(client, key)
            if found is not None:
                with engine_faults("naming an image"):
                    found.tag(REPOSITORY, inputs)
                return _environment(found, reused=True)
            listener(Note(f"installing {len(packages(resolved))} packages"))
            version = _install(client, box, requirements, options)
            labels = {
                **image_labels("environment", key),
                "takehome.packages": json.dumps(packages(resolved)),
                "takehome.python": version,
            }
            installed = box.commit(REPOSITORY, f"installed-{key}", image_labels(BUILD, key))
        try:
            # A wheel's .pth files run whenever its interpreter starts: not before there is no network any more.
            with builder(client, installed, BuildOptions(), mounts=mounts, network=False) as box:
                _warm(box)
                with engine_faults("keeping an image"):
                    image_id = box.commit(REPOSITORY, key, labels)
                    client.images.get(image_id).tag(REPOSITORY, inputs)
                    return _environment(client.images.get(image_id), reused=False)
        finally:
            with suppress(APIError, RequestException):
                client.images.remove(f"{REPOSITORY}:installed-{key}")


def _resolve(box: Builder, requirements: tuple[str, ...], options: BuildOptions) -> str:
    box.put("/tmp", archive({"requirements.in": ("\n".join(requirements) + "\n").encode()}))
    code, resolved, error = box.run(
        [
            _UV,
            "--no-cache",
            "--no-config",
            *compile_arguments("requirements.in", "python3", options.index_url),
        ],
        deadline_s=_RESOLVE_S,
        env=options.environment(),
        cwd="/tmp",
    )
    if code == 124:
        raise EnvironmentFault("resolving the dependencies took too long", where=f"{_RESOLVE_S} s")
    if code:
        raise blame(error or resolved, requirements)
    require_server(packages(resolved), ", ".join(requirements))
    box.put("/tmp", archive({"resolved.txt": resolved.encode()}))
    return resolved


def _install(client: DockerClient, box: Builder, requirements: tuple[str, ...], options: BuildOptions) -> str:
    add_user(box, "candidate", CANDIDATE_UID)
    # PostgreSQL for the candidate's own tests runs beside them, and has to find its user.
    add_user(box, "postgres", POSTGRES_UID)
    box.must_run([_UV, "venv", "-q", "--no-config", "--python", "python3", VENV], deadline_s=60)
    identity = {"id": str(box.container.id)}
    with watched(client, identity, _MAX_MB * 1024**2, _LOOK_S) as watch:
        try:
            code, out, error = _put_packages(box, options)
        except EnvironmentFault:
            if not watch.exceeded:
                raise
    if watch.exceeded:
        raise _too_large(requirements, "stopped while they were installed")
    if code == 124:
        raise EnvironmentFault("installing the dependencies took too long", where=f"{_INSTALL_S} s")
    if code:
        raise blame(error or out, requirements)
    size = int(box.must_run(["du", "-sm", VENV], deadline_s=60).split()[0])
    if size > _MAX_MB:
        raise _too_large(requirements, f"{size} MB installed")
    version = box.must_run(["python3", "-c", "import platform; print(platform.python_version())"], deadline_s=20)
    box.must_run(["sh", "-c", f"rm -rf /tmp/* {CA_PATH} /root/.cache"], deadline_s=60)
    return version.strip()


def _put_packages(box: Builder, options: BuildOptions) -> tuple[int, str, str]:
    return box.run(
        [
            _UV,
            "--no-cache",
            "--no-config",
            *install_arguments("resolved.txt", PYTHON, options.index_url, compiled=False),
        ],
        deadline_s=_INSTALL_S,
        env=options.environment(),
        cwd="/tmp",
    )


def _too_large(requirements: tuple[str, ...], detail: str) -> SubmissionError:
    return SubmissionError(
        "the dependencies are too large",
        where=", ".join(requirements)[:300],
        detail=f"{detail}, at most {_MAX_MB} MB",
        next_step="declare only what the service needs",
    )


def _warm(box: Builder) -> None:
    """Bytecode and a mypy cache: without them the first start and analysis are slower, and nothing else is wrong.

    It starts the interpreter that strangers' wheels are installed into.
    """
    box.run([PYTHON, "-Im", "compileall", "-q", "-j", "2", VENV], deadline_s=_COMPILE_S)
    box.run(
        [
            TOOLS_PYTHON,
            "-Im",
            "harness.analysis",
            "--warm",
            "--source",
            VENV,
            "--python",
            PYTHON,
            "--cache",
            CACHE,
        ],
        deadline_s=_WARM_S,
        env={"TMPDIR": "/tmp"},
    )
    box.must_run(["mkdir", "-p", CACHE], deadline_s=10)
    box.must_run(["sh", "-c", "rm -rf /tmp/*"], deadline_s=60)


def _find(client: DockerClient, tag: str) -> Image | None:
    with engine_faults("looking for an environment"):
        try:
            return client.images.get(f"{REPOSITORY}:{tag}")
        except ImageNotFound:
            return None


def _environment(image: Image, *, reused: bool) -> Environment:
    labels = image.labels
    return Environment(
        key=labels["takehome.key"],
        handle=str(image.id),
        packages=json.loads(labels["takehome.packages"]),
        python=labels["takehome.python"],
        reused=reused,
    )
