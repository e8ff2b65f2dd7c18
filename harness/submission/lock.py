"""Lock files (uv.lock, pylock.toml) as exact requirements. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from harness.errors import SubmissionError
from harness.submission.files import line_of, table, tables
from harness.submission.intake import shown
from harness.submission.requirements import requirement

# Under which conditions a package is wanted: any of these sets of markers, all of a set; an empty set is "always".
_Conditions = set[frozenset[str]]
# (name, version, extra); the extra "" is the package itself.
_Node = tuple[str, str, str]
_MOST_CONDITIONS = 16
_MOST_STEPS = 200_000


def matches(lock: dict[str, Any], declared: list[Requirement]) -> bool:
    """Whether uv.lock was made for these declared dependencies (names, extras and specifiers)."""
    root = _root(lock)
    if root is None:
        return False
    wanted = table(root.get("metadata")).get("requires-dist", [])
    try:
        locked = {
            (
                canonicalize_name(str(d.get("name"))),
                frozenset(map(str, d.get("extras", []))),
                SpecifierSet(str(d.get("specifier", ""))),
            )
            for d in tables(wanted)
            if "extra ==" not in str(d.get("marker", ""))
        }
    except (InvalidSpecifier, TypeError):
        return False
    return locked == {(d.name, frozenset(d.extras), d.specifier) for d in declared}


def uv_requirements(lock: dict[str, Any], text: str) -> list[Requirement]:
    """Every package that the root of uv.lock needs, pinned, under the markers that lead to it.

    Raises:
        SubmissionError: a package that is not from a registry, or a damaged lock.
    """
    return _Graph(lock, text).requirements()


def _root(lock: dict[str, Any]) -> dict[str, Any] | None:
    for package in tables(lock.get("package")):
        source = table(package.get("source"))
        if source.get("virtual") == "." or source.get("editable") == ".":
            return package
    return None


def _place(file: str, text: str, name: str) -> str:
    return file + line_of(text, f'name = "{name}"')


def _damaged(file: str, what: str) -> SubmissionError:
    return SubmissionError(f"{file} can't be used", where=file, detail=what, next_step="lock again, or remove the file")


class _Graph:
    """The packages of a uv.lock and what leads to what."""

    def __init__(self, lock: dict[str, Any], text: str) -> None:
        self._text = text
        self._root = _root(lock) or {}
        self._packages: dict[str, dict[str, dict[str, Any]]] = {}
        for package in tables(lock.get("package")):
            name = canonicalize_name(str(package.get("name", "")))
            self._packages.setdefault(name, {})[str(package.get("version", ""))] = package

    def requirements(self) -> list[Requirement]:
        reached: dict[_Node, _Conditions] = {}
        pending: list[tuple[_Node, frozenset[str]]] = [
            (node, condition) for node, condition in self._edges(self._root, "dependencies")
        ]
        steps = 0
        while pending:
            node, condition = pending.pop()
            steps += 1
            known = reached.setdefault(node, set())
            if any(other <= condition for other in known):
                continue
            known.difference_update({other for other in known if condition < other})
            known.add(condition)
            if max(len(known), len(condition)) > _MOST_CONDITIONS or steps > _MOST_STEPS:
                raise _damaged("uv.lock", f"too many conditions lead to {shown(node[0])}")
            for after, more in self._below(node):
                pending.append((after, condition | more))
        return [self._pin(node, conditions) for node, conditions in reached.items() if not node[2]]

    def _below(self, node: _Node) -> Iterator[tuple[_Node, frozenset[str]]]:
        name, version, extra = node
        package = self._packages[name][version]
        if extra:
            yield from self._edges(table(package.get("optional-dependencies")), extra)
        else:
            yield from self._edges(package, "dependencies")

    def _edges(self, holder: dict[str, Any], key: str) -> Iterator[tuple[_Node, frozenset[str]]]:
        for edge in tables(holder.get(key)):
            name = canonicalize_name(str(edge.get("name", "")))
            versions = self._packages.get(name, {})
            version = str(edge.get("version", next(iter(versions), "")))
            if version not in versions or ("version" not in edge and len(versions) > 1):
                raise _damaged("uv.lock", f"it does not say which {shown(name)} is meant")
            if versions[version] is self._root:
                continue
            marker = edge.get("marker")
            condition = frozenset([str(marker)]) if marker else frozenset[str]()
            yield (name, version, ""), condition
            extras = edge.get("extra", [])
            for extra in extras if isinstance(extras, list) else []:
                yield (name, version, str(extra)), condition

    def _pin(self, node: _Node, conditions: _Conditions) -> Requirement:
        name, version, _ = node
        where = partial(_place, "uv.lock", self._text, name)
        if "registry" not in table(self._packages[name][version].get("source")):
            raise SubmissionError(
                "a locked package is not from a package index",
                where=where(),
                detail=shown(name),
                next_step="use a released version of it, and lock again",
            )
        alternatives = sorted(" and ".join(f"({m})" for m in sorted(c)) for c in conditions)
        marker = "" if frozenset() in conditions else " ; " + " or ".join(f"({a})" for a in alternatives)
        return requirement(f"{name}=={version}{marker}", where)


def pylock_requirements(lock: dict[str, Any], text: str) -> list[Requirement]:
    """Every package that pylock.toml installs by default, pinned; those of extras and groups are left out.

    Raises:
        SubmissionError: a package that is not from an index, or without a version.
    """
    found = []
    for package in tables(lock.get("packages")):
        name = str(package.get("name", ""))
        where = partial(_place, "pylock.toml", text, name)
        marker = str(package.get("marker", ""))
        if "dependency_groups" in marker or "extras" in marker:
            continue
        if {"vcs", "directory", "archive"} & set(package) or not isinstance(package.get("version"), str):
            raise SubmissionError(
                "a locked package is not from a package index",
                where=where(),
                detail=shown(name),
                next_step="use a released version of it, and lock again",
            )
        found.append(requirement(f"{name}=={package['version']}{f' ; {marker}' if marker else ''}", where))
    return found
