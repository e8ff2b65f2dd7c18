"""Where the FastAPI app is, told from the syntax of the files; nothing is imported or run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.parsing import PARSING
from harness.submission.excerpt import excerpt

_SOURCE_BYTES = 512 * 1024
_MOST_FILES = 1_000
_FACTORY = "create_app"
_NOT_SEARCHED = frozenset({"tests", "test", "docs", "examples", "scripts", "alembic", "migrations"})
_FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Found:
    """An app (or, with `factory`, a function that makes one); `app_dir` is "src" where modules lie below it."""

    module: str
    attribute: str
    app_dir: str
    factory: bool
    path: str
    line: int

    @property
    def name(self) -> str:
        return f"{self.module}:{self.attribute}"


@dataclass(frozen=True)
class Unread:
    """Why a file has no syntax; `line` is 0 where no line is to blame, `excerpt` shows it."""

    why: str
    line: int = 0
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.why}\n{self.excerpt}" if self.excerpt else self.why


def parse(path: Path) -> ast.Module | Unread:
    """The syntax of a file, or why there is none."""
    if path.stat().st_size > _SOURCE_BYTES:
        return Unread("too large to be read")
    try:
        with PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(path.read_bytes())
    except SyntaxError as error:
        return _unread(error)
    except (ValueError, RecursionError, MemoryError):
        return Unread("nested too deeply, or with bytes that no source has")


def _unread(error: SyntaxError) -> Unread:
    said, line, text = ascii(error.msg)[1:-1], error.lineno or 0, error.text or ""
    if not line:
        return Unread(said)
    # In a line that isn't ASCII some versions of Python count bytes.
    column = error.offset or 0 if text.isascii() else 0
    return Unread(f"line {line}: {said}", line, excerpt(text, line, column) if text.strip() else "")


def module_file(root: Path, module: str) -> tuple[Path, str] | None:
    """The file of a module and its app_dir, looked for in the root, then in src."""
    for app_dir in ("", "src"):
        base = root.joinpath(app_dir, *module.split("."))
        for path in (base / "__init__.py", base.with_name(base.name + ".py")):
            if path.is_file():
                return path, app_dir
    return None


def binding(tree: ast.Module, attribute: str) -> ast.stmt | None:
    """The last top-level statement that binds a name; a star import or `__getattr__` may bind any."""
    found = None
    for statement in _top_level(tree.body):
        names = set(_bound(statement))
        if attribute in names or (found is None and names & {"*", "__getattr__"}):
            found = statement
    return found


def is_factory(statement: ast.stmt) -> bool:
    """Whether a binding is a plain function that can be called without arguments."""
    return isinstance(statement, ast.FunctionDef) and not _required(statement)


def search(root: Path) -> tuple[list[Found], list[Found], list[str]]:
    """Apps bound at the top level of modules, `create_app` functions that return one, and what can't be read."""
    apps: list[Found] = []
    factories: list[Found] = []
    unread: list[str] = []
    for path in _candidates(root):
        relative = path.relative_to(root).as_posix()
        tree = parse(path)
        if isinstance(tree, Unread):
            unread.append(f"{relative}: {tree}")
            continue
        place = _module_of(path.relative_to(root), tree, root)
        if place is None:
            continue
        module, app_dir = place
        reader = _Reader(tree)
        apps += [Found(module, name, app_dir, False, relative, line) for name, line in reader.apps()]
        factories += [Found(module, _FACTORY, app_dir, True, relative, line) for line in reader.factories()]
    return apps, factories, unread


def _candidates(root: Path) -> Iterator[Path]:
    files = (p for p in sorted(root.rglob("*.py")) if not _NOT_SEARCHED & set(p.relative_to(root).parts[:-1]))
    for count, path in enumerate(files):
        if count >= _MOST_FILES:
            return
        test = path.name.startswith("test_") or path.name == "conftest.py"
        if not test and path.stat().st_size <= _SOURCE_BYTES and b"FastAPI" in path.read_bytes():
            yield path


def _module_of(relative: Path, tree: ast.Module, root: Path) -> tuple[str, str] | None:
    parts = [*relative.parts[:-1], relative.stem]
    app_dir = ""
    if parts[0] == "src" and len(parts) > 1 and not (root / "src" / "__init__.py").is_file() and not _imports_src(tree):
        app_dir, parts = "src", parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return (".".join(parts), app_dir) if parts and all(p.isidentifier() for p in parts) else None


def _imports_src(tree: ast.Module) -> bool:
    """Whether the file itself takes src for a package."""
    return any(
        isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "src"
        for node in tree.body
    )


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run on import, those in blocks included."""
    pending = body[::-1]
    while pending:
        statement = pending.pop()
        yield statement
        if isinstance(statement, ast.If) and _only_as_script(statement.test):
            pending += statement.orelse[::-1]
        elif isinstance(statement, ast.If | ast.Try | ast.TryStar | ast.With | ast.For | ast.While):
            for part in ("finalbody", "orelse", "handlers", "body"):
                for inner in reversed(getattr(statement, part, [])):
                    pending += inner.body[::-1] if isinstance(inner, ast.ExceptHandler) else [inner]


def _only_as_script(test: ast.expr) -> bool:
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    return bool(names & {"__name__", "TYPE_CHECKING"})


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, _FunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name.split(".")[0]
    else:
        for target, _ in _assigned(statement):
            yield target
        if isinstance(statement, ast.With):
            yield from (i.optional_vars.id for i in statement.items if isinstance(i.optional_vars, ast.Name))


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Names and the values that an assignment gives them; a tuple's names get the whole value."""
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets, value = [statement.target], statement.value
    else:
        return
    for target in targets:
        for item in target.elts if isinstance(target, ast.Tuple) else [target]:
            if isinstance(item, ast.Name):
                yield item.id, value


def _required(function: ast.FunctionDef) -> bool:
    given = function.args
    positional = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    return positional > 0 or any(default is None for default in given.kw_defaults)


class _Reader:
    """What one module calls FastAPI, and what it makes of it."""

    def __init__(self, tree: ast.Module) -> None:
        self._statements = list(_top_level(tree.body))
        self._classes = {"FastAPI"}
        self._modules: set[str] = set()
        for node in self._statements:
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "fastapi":
                self._classes |= {a.asname or a.name for a in node.names if a.name == "FastAPI"}
            elif isinstance(node, ast.Import):
                self._modules |= {a.asname or a.name for a in node.names if a.name == "fastapi"}

    def apps(self) -> Iterator[tuple[str, int]]:
        """Name and line of every app bound at the top level."""
        makers = {f.name for f in self._statements if isinstance(f, ast.FunctionDef) and self._makes(f)} | {_FACTORY}
        for statement in self._statements:
            for name, value in _assigned(statement):
                made = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in makers
                if made or self._is_app(value):
                    yield name, statement.lineno

    def factories(self) -> Iterator[int]:
        """The lines of `create_app` functions that return an app and need no argument."""
        for f in self._statements:
            if isinstance(f, ast.FunctionDef) and f.name == _FACTORY and not _required(f) and self._makes(f):
                yield f.lineno

    def _makes(self, function: ast.FunctionDef) -> bool:
        returns = function.returns
        if isinstance(returns, ast.Constant):
            return returns.value == "FastAPI"
        if returns is not None:
            return self._is_class(returns)
        return any(self._is_app(node) for node in ast.walk(function) if isinstance(node, ast.Call))

    def _is_app(self, value: ast.expr) -> bool:
        return isinstance(value, ast.Call) and self._is_class(value.func)

    def _is_class(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.attr == "FastAPI" and node.value.id in self._modules
        return isinstance(node, ast.Name) and node.id in self._classes
