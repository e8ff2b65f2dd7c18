"""Which names of entries are taken, refused or dropped. Pure."""

from __future__ import annotations

import re
import unicodedata

from harness.submission.intake import Intake

_STRIPPED = frozenset(
    {
        ".git",
        "__pycache__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        ".tox",
        ".nox",
        ".venv",
        "venv",
        "node_modules",
        "__macosx",
        # Where `takehome check --ci` puts its results.
        "takehome-results",
        ".ds_store",
    }
)
# A virtual environment, whatever it is called (PEP 405): the one beside the other.
MARK = "pyvenv.cfg"
INTERPRETERS = (("bin", "python"), ("Scripts", "python.exe"))
_STRIPPED_SUFFIXES = (".pyc", ".pyo")
# Control, format (bidi and zero-width), surrogate, line and paragraph separator.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_DRIVE = re.compile(r"[A-Za-z]:")
_COMPONENT_BYTES = 255
_PATH_BYTES = 1_024


def is_stripped(parts: tuple[str, ...]) -> bool:
    """Whether the entry is a cache, an environment or a repository, which never counts as the submission's."""
    # ._name is where a Mac's archivers put the attributes of name.
    return any(p.casefold() in _STRIPPED or p.startswith("._") for p in parts) or (
        parts != () and parts[-1].casefold().endswith(_STRIPPED_SUFFIXES)
    )


def split(raw: str, intake: Intake) -> tuple[str, ...]:
    """The components of a relative name; empty for the root itself.

    Raises:
        UsageError: the name is absolute or climbs out.
    """
    if raw.startswith("/") or _DRIVE.match(raw):
        raise intake.refused("an entry has an absolute path", entry=raw, next_step="pack with relative names")
    parts = tuple(p for p in raw.split("/") if p not in {"", "."})
    if ".." in parts:
        raise intake.refused(
            "an entry climbs out of the submission with '..'", entry=raw, next_step="pack with relative names"
        )
    return parts


def check(parts: tuple[str, ...], raw: str, intake: Intake) -> None:
    """Refuse what cannot be written the same way everywhere.

    Raises:
        UsageError: not UTF-8, control characters, a backslash, too long or too deep.
    """
    if len(parts) > intake.limits.depth:
        raise intake.refused(
            f"folders are nested deeper than {intake.limits.depth}", entry=raw, next_step="flatten the tree"
        )
    try:
        encoded = [part.encode() for part in parts]
    except UnicodeEncodeError as error:
        raise intake.refused("a name is not UTF-8", entry=raw, next_step="rename it in UTF-8") from error
    unseen = any(unicodedata.category(c) in _UNSEEN for c in raw)
    if unseen or "\\" in raw:
        what = "control or invisible characters" if unseen else "a backslash"
        raise intake.refused(f"a name contains {what}", entry=raw, next_step="rename it, or pack it again")
    if max(map(len, encoded)) > _COMPONENT_BYTES or sum(map(len, encoded)) + len(encoded) > _PATH_BYTES:
        raise intake.refused("a name is too long", entry=raw, next_step="shorten it")


class Names:
    """The names seen so far; two that some file system takes for one are refused."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._seen: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {}
        self._files: set[tuple[str, ...]] = set()

    def add(self, parts: tuple[str, ...], raw: str, *, folder: bool) -> None:
        """Take note of an entry and of the folders above it.

        Raises:
            UsageError: duplicate, a collision but for case or normalisation, or both file and folder.
        """
        for depth in range(1, len(parts)):
            self._add(parts[:depth], raw, folder=True)
        self._add(parts, raw, folder=folder)

    def __len__(self) -> int:
        return len(self._seen)

    def _add(self, parts: tuple[str, ...], raw: str, *, folder: bool) -> None:
        key = tuple(unicodedata.normalize("NFC", unicodedata.normalize("NFC", p).casefold()) for p in parts)
        spelling, was_folder = self._seen.setdefault(key, (parts, folder))
        if spelling != parts:
            raise self._intake.refused(
                "two names differ only in case or in Unicode form",
                entry=raw,
                detail="the other: " + ascii("/".join(spelling)),
                next_step="rename one of them",
            )
        if was_folder != folder:
            raise self._intake.refused(
                "one name is both a file and a folder", entry=raw, next_step="pack the submission again"
            )
        if not folder:
            if key in self._files:
                raise self._intake.refused("one name appears twice", entry=raw, next_step="pack the submission again")
            self._files.add(key)
