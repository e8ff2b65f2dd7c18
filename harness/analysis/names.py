"""Names: what a call in the code calls, as far as a reader can tell without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from harness.analysis.modules import imported_from, module_name

Function = ast.FunctionDef | ast.AsyncFunctionDef
# How many names in a row may stand for each other: a, imported from b, imported from c.
_CHAIN = 8


@dataclass(frozen=True)
class Defined:
    """A function of the submission: `name` is dotted, from its module on; `owner` is its class."""

    path: str
    name: str
    node: Function
    owner: str = ""

    @property
    def is_async(self) -> bool:
        return isinstance(self.node, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Class:
    """A class of the submission."""

    path: str
    node: ast.ClassDef


@dataclass
class _Module:
    path: str
    name: str
    # Local name -> dotted name of what it stands for.
    imported: dict[str, str] = field(default_factory=dict)


class Names:
    """All names of a submission."""

    def __init__(self, trees: Iterable[tuple[str, ast.Module]]) -> None:
        self.functions: dict[str, Defined] = {}
        self.classes: dict[str, Class] = {}
        self._modules: dict[str, _Module] = {}
        self._by_name: dict[str, _Module] = {}
        # Dotted name of a variable, or of an attribute of a class -> that of what it is made by, or annotated as.
        self._made_by: dict[str, str] = {}
        self._trees = dict(trees)
        for path, tree in self._trees.items():
            self._read(path, tree)
        methods: dict[str, list[Defined]] = {}
        for function in self.functions.values():
            if function.owner:
                methods.setdefault(function.path, []).append(function)
        for path, tree in self._trees.items():
            self._learn(self._modules[path], tree, methods.get(path, ()))

    def of(self, path: str, node: ast.expr, scope: Mapping[str, str] | None = None, owner: str = "") -> str:  # noqa: PLR0911
        """The dotted name of what an expression stands for, such as `time.sleep`; "" when that can't be told.

        `scope` adds what is known of local variables; `owner` is the class that `self` is an instance of.
        """
        module = self._modules[path]
        match node:
            case ast.Name(id=name):
                return self._resolved((scope or {}).get(name) or self._global(module, name))
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute) if owner:
                made = self._made_by.get(f"{owner}.{attribute}")
                return made or f"{owner}.{attribute}"
            case ast.Attribute(value=value, attr=attribute):
                base = self.of(path, value, scope, owner)
                made = self._made_by.get(f"{base}.{attribute}") if base else None
                return made or (self._resolved(f"{base}.{attribute}") if base else "")
            case ast.Call(func=called):
                return self.of(path, called, scope, owner)
            case ast.Await(value=value):
                return self.of(path, value, scope, owner)
            case ast.Subscript(value=value, slice=inner):
                base = self.of(path, value, scope, owner)
                # Annotated[Session, Depends(...)] and Session | None are a Session to whoever uses them.
                if base.rpartition(".")[2] in {"Annotated", "Optional"}:
                    first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
                    return self.of(path, first, scope, owner)
                return base
            case ast.BinOp(left=left, op=ast.BitOr()):
                return self.of(path, left, scope, owner)
        return ""

    def scope(self, function: Defined) -> dict[str, str]:
        """What is known of the parameters and local variables of a function."""
        found: dict[str, str] = {}
        arguments = function.node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.annotation is not None and (name := self.of(function.path, argument.annotation)):
                found[argument.arg] = name
        for node in own_nodes(function.node):
            target, value = _assignment(node)
            if isinstance(target, ast.Name) and value is not None:
                name = self.of(function.path, value, found, function.owner)
                if name and name != target.id:
                    found[target.id] = name
        return found

    def _read(self, path: str, tree: ast.Module) -> None:
        module = self._modules[path] = _Module(path, module_name(path))
        self._by_name.setdefault(module.name, module)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or alias.name.partition(".")[0]
                    module.imported[local] = alias.name if alias.asname else local
            elif isinstance(node, ast.ImportFrom):
                base = imported_from(path, node)
                for alias in node.names:
                    module.imported[alias.asname or alias.name] = f"{base}.{alias.name}" if base else alias.name
        self._define(module, tree.body, module.name, "")

    def _define(self, module: _Module, body: Iterable[ast.stmt], prefix: str, owner: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{prefix}.{node.name}"
                self.functions[name] = Defined(module.path, name, node, owner)
                self._define(module, node.body, name, owner)
            elif isinstance(node, ast.ClassDef):
                name = f"{prefix}.{node.name}"
                self.classes[name] = Class(module.path, node)
                self._define(module, node.body, name, name)
            elif isinstance(node, ast.If | ast.Try | ast.With):
                self._define(module, node.body, prefix, owner)

    def _learn(self, module: _Module, tree: ast.Module, methods: Iterable[Defined]) -> None:
        for statement in tree.body:
            target, value = _assignment(statement)
            if isinstance(target, ast.Name) and value is not None and (name := self.of(module.path, value)):
                self._made_by[f"{module.name}.{target.id}"] = name
        for function in methods:
            scope = self.scope(function)
            for node in own_nodes(function.node):
                target, value = _assignment(node)
                match target:
                    case ast.Attribute(value=ast.Name(id="self"), attr=attribute) if value is not None:
                        name = self.of(module.path, value, scope, function.owner)
                        if name and name != f"{function.owner}.{attribute}":
                            self._made_by.setdefault(f"{function.owner}.{attribute}", name)

    def _global(self, module: _Module, name: str) -> str:
        if name in module.imported:
            return module.imported[name]
        own = f"{module.name}.{name}"
        return self._made_by.get(own) or (own if own in self.functions or own in self.classes else name)

    def _resolved(self, name: str) -> str:
        """Through the submission's own modules: `app.db.Session`, imported there, is `sqlalchemy.orm.Session`."""
        for _ in range(_CHAIN):
            made = self._made_by.get(name)
            if made is not None and made != name:
                name = made
                continue
            base, _, last = name.rpartition(".")
            origin = self._by_name.get(base)
            further = origin.imported.get(last) if origin is not None else None
            if further is None or further == name:
                break
            name = further
        return name


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a function that run when it runs: those of functions and lambdas inside it are left out."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(function))
    waiting.reverse()
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _assignment(node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    """What is assigned to, and what says most of it: the annotation where there is one."""
    match node:
        case ast.Assign(targets=[target], value=value):
            return target, value if isinstance(value, ast.Call | ast.Await | ast.Name | ast.Attribute) else None
        case ast.AnnAssign(target=target, annotation=annotation):
            return target, annotation
        case ast.withitem(context_expr=value, optional_vars=target):
            return target, value
    return None, None
