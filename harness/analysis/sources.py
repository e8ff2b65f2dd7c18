"""Sources: the Python files of a submission that are judged, read once and copied without what could steer a tool."""

from __future__ import annotations

import ast
import io
import os
import stat
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from harness.analysis.modules import Namer, imported_modules, module_name
from harness.analysis.references import CodeRef, code_ref
from harness.analysis.suppressions import blocks_of, lines_of, neutralise, unchecked

# Far above any submission of a few hours, and small enough for mypy to come to an end.
_MOST_FILES = 1000
_FILE_BYTES = 256 * 1024
_ALL_BYTES = 2 * 1024 * 1024
# mypy and ruff descend on the stack of the machine; no honest code comes near this.
_DEEPEST = 150
_CARE = 3
_TESTS = {"tests", "test", "migrations", "alembic"}


@dataclass
class Source:
    """One file that parses. `copy` is its path in the copy; `unchecked` are lines that mypy passes over."""

    path: str
    copy: str
    text: str
    tree: ast.Module
    code_lines: frozenset[int]
    unchecked: set[int]

    def line(self, number: int) -> str:
        """The text of a line, counted from 1."""
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def rest_of_block(self, number: int) -> set[int]:
        """Lines of code from a statement to the end of the block it stands in; nothing where they are few.

        A line or two that a type rules out are somebody's care.
        """
        found: set[int] = set()
        for node in ast.walk(self.tree):
            for block in blocks_of(node):
                at = next((i for i, statement in enumerate(block) if statement.lineno == number), None)
                if at is not None:
                    found |= lines_of(block[at:], self.code_lines)
        return found if len(found) > _CARE else set()


@dataclass
class Sources:
    """`unread` are files that nothing can be said of, with the reason; `unread_lines` their lines that aren't blank."""

    files: list[Source] = field(default_factory=list)
    unread: list[CodeRef] = field(default_factory=list)
    unread_lines: int = 0
    encodings: list[CodeRef] = field(default_factory=list)
    type_suppressions: list[CodeRef] = field(default_factory=list)
    lint_suppressions: list[CodeRef] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """Lines of code, those of unread files included."""
        return sum(len(source.code_lines) for source in self.files) + self.unread_lines


class Unreadable(Exception):
    """A file that Python itself would not take, or that is far from any honest one."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True)
class _Parsed:
    text: str
    tree: ast.Module
    encoding: str


def read_sources(root: Path, copy: Path, vendored: frozenset[str] = frozenset()) -> Sources:
    """Read what is judged under `root` and write the harmless copy under `copy`, which is there and empty.

    `vendored` are packages at the top that are the challenge's own: imported by what is judged, and not judged.
    """
    found = Sources()
    parsed: dict[str, _Parsed | Unreadable] = {}
    lost: dict[str, int] = {}
    total = 0
    for path, size in _python_files(root):
        if PurePosixPath(path).parts[0] in vendored:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_bytes(_bytes_of(root / path))
            continue
        if too_much := _too_much(size, len(parsed), total):
            parsed[path] = Unreadable(1, too_much)
            lost[path] = size // 40
            continue
        total += size
        raw = _bytes_of(root / path)
        lost[path] = sum(1 for line in raw.splitlines() if line.strip())
        try:
            parsed[path] = _parse(raw)
        except Unreadable as error:
            parsed[path] = error
    judged = _judged({path: item.tree if isinstance(item, _Parsed) else None for path, item in parsed.items()})
    trees = {path: item.tree for path, item in parsed.items() if isinstance(item, _Parsed)}
    namer = Namer(parsed, {name for path in judged if path in trees for name in imported_modules(path, trees[path])})
    for path in sorted(judged):
        item = parsed[path]
        try:
            if isinstance(item, Unreadable):
                raise item
            _add(found, path, item, namer, copy)
        except Unreadable as error:
            found.unread.append(code_ref(path, error.line, str(error), rule="invalid-syntax"))
            found.unread_lines += lost[path]
    return found


def _too_much(size: int, files: int, total: int) -> str:
    """Why a file is not read after so many others; "" when it is."""
    if size > _FILE_BYTES:
        return f"too large to be read: more than {_FILE_BYTES // 1024} KiB"
    if files >= _MOST_FILES:
        return f"not read: there are more than {_MOST_FILES} files"
    if total + size > _ALL_BYTES:
        return f"not read: there are more than {_ALL_BYTES // 1024 // 1024} MiB of code"
    return ""


def _add(found: Sources, path: str, item: _Parsed, namer: Namer, copy: Path) -> None:
    try:
        neutral = neutralise(path, item.text, item.tree)
    except (tokenize.TokenError, SyntaxError) as error:
        raise Unreadable(1, f"can't be tokenized: {error}") from error
    places, lines = unchecked(path, item.tree, neutral.code_lines)
    source = Source(path, namer.copy_path(path), item.text, item.tree, neutral.code_lines, lines)
    found.files.append(source)
    found.type_suppressions += [*neutral.types, *places]
    found.lint_suppressions += neutral.lint
    if item.encoding not in {"utf-8", "utf-8-sig"}:
        found.encodings.append(code_ref(path, 1, f"encoded as {item.encoding}, not UTF-8", rule="E902"))
    target = copy / source.copy
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(neutral.text, encoding="utf-8", errors="replace", newline="\n")


def _python_files(root: Path) -> Iterator[tuple[str, int]]:
    """Regular .py files in a fixed order, with their sizes; nothing is followed out of the tree."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not _skipped(Path(folder) / name))
        for name in sorted(files):
            if not name.endswith(".py"):
                continue
            status = (Path(folder) / name).lstat()
            if stat.S_ISREG(status.st_mode):
                yield (Path(folder) / name).relative_to(root).as_posix(), status.st_size


def _skipped(folder: Path) -> bool:
    """Folders that hold other people's code, and hidden ones, which nothing can import by name."""
    name = folder.name
    if name.startswith(".") or name == "__pycache__":
        return True
    # The file alone would do for a service to hide in.
    if (folder / "pyvenv.cfg").is_file() and not list(folder.glob("*.py")):
        return (folder / "bin").is_dir() or (folder / "Scripts").is_dir()
    return name == "node_modules" and not (folder / "__init__.py").exists()


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_FILE_BYTES)
    except OSError:
        return b"\0"


def _parse(raw: bytes) -> _Parsed:
    """Decode and parse.

    Raises:
        Unreadable: it is no Python.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(raw[: error.start].count(b"\n") + 1, f"bytes that are not {error.encoding}") from error
    except (SyntaxError, LookupError) as error:
        raise Unreadable(1, str(error)) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            # Never run: it finds what the parser lets pass, such as a return outside a function, where mypy stops.
            compile(text, "submission", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Unreadable(error.lineno or 1, f"SyntaxError: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise Unreadable(1, f"can't be parsed: {str(error) or type(error).__name__}") from error
    if _deeper_than(tree, _DEEPEST):
        raise Unreadable(1, f"nested more than {_DEEPEST} deep")
    return _Parsed(text, tree, encoding)


def _deeper_than(tree: ast.AST, most: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(most):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def _judged(trees: dict[str, ast.Module | None]) -> set[str]:
    """All but tests and migrations; of those, too, what the rest imports: a service can't hide in tests/."""
    judged = {path for path in trees if not _is_test(path)}
    waiting, names = list(judged), {module_name(path): path for path in trees if _is_test(path)}
    while waiting:
        path = waiting.pop()
        tree = trees[path]
        for name in imported_modules(path, tree) if tree is not None else ():
            other = names.pop(name, None)
            if other is not None:
                judged.add(other)
                waiting.append(other)
    return judged


def _is_test(path: str) -> bool:
    parts = PurePosixPath(path).parts
    name = parts[-1]
    if name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py"):
        return True
    return any(part in _TESTS for part in parts[:-1])
