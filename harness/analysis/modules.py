"""Names of modules: which one a file is, which ones it imports, and where in the copy mypy takes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterable, Iterator
from pathlib import PurePosixPath

# mypy refuses to start at all when a top-level module of the user's is called like one of these.
_CORE = {
    "builtins",
    "typing",
    "types",
    "typing_extensions",
    "mypy_extensions",
    "_typeshed",
    "_collections_abc",
    "collections",
    "sys",
    "abc",
}


def module_name(path: str) -> str:
    """`app/users/__init__.py` is `app.users`; a leading `src` is a place, not a package."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if len(parts) > 1 and parts[0] == "src":
        del parts[0]
    if len(parts) > 1 and parts[-1] == "__init__":
        del parts[-1]
    return ".".join(parts)


def imported_modules(path: str, tree: ast.Module) -> Iterator[str]:
    """Dotted names that an import may load, packages on the way included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_parents(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = imported_from(path, node)
            yield from _with_parents(base)
            for alias in node.names:
                yield f"{base}.{alias.name}" if base else alias.name


def imported_from(path: str, node: ast.ImportFrom) -> str:
    """The dotted name of the module that names are taken from; "" for the top."""
    package = module_name(path).split(".")
    if not path.endswith("__init__.py"):
        del package[-1]
    above = package[: len(package) - node.level + 1] if node.level else []
    return ".".join([*above, *([node.module] if node.module else [])])


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])


class Namer:
    """Paths in the copy. Almost always those of the submission; one that mypy would stop at is changed."""

    def __init__(self, paths: Iterable[str], imported: Container[str] = ()) -> None:
        self._all = set(paths)
        top = {PurePosixPath(path).parts[0].removesuffix(".py") for path in self._all}
        beside = {
            PurePosixPath(path).parts[1].removesuffix(".py")
            for path in self._all
            if path.startswith("src/") and path.count("/")
        }
        # Either `app` is imported or `src.app`. Where both folders hold a name, only one can be imported from.
        self._src_is_root = "src" not in imported and "src/__init__.py" not in self._all and not (beside & top)
        self._taken: set[str] = set()

    def copy_path(self, path: str) -> str:
        """A path of which every part is an identifier, and which no other file has."""
        parts = [re.sub(r"\W", "_", part) for part in PurePosixPath(path).with_suffix("").parts]
        parts = [f"_{part}" if part[0].isdigit() else part for part in parts]
        if self._src_is_root and parts[0] == "src" and len(parts) > 1:
            del parts[0]
        if parts[0] in _CORE:
            parts[0] += "_"
        # Python takes the package, and mypy takes neither when it is given both.
        if f"{path.removesuffix('.py')}/__init__.py" in self._all:
            parts[-1] += "_shadowed"
        while (found := "/".join(parts).lower()) in self._taken:
            parts[-1] += "_"
        self._taken.add(found)
        return "/".join(parts) + ".py"
