"""Blocking calls on the event loop: in an `async def`, or in what it calls, however many helpers deep."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.names import Defined, Names, own_nodes
from harness.analysis.references import CodeRef, code_ref

_DEEPEST = 5
# What waits or computes for long without giving the loop back. Files are left out: a small one is read at once.
_BLOCKING = re.compile(
    r"time\.sleep"
    r"|requests\.(?:get|post|put|patch|delete|head|options|request|Session\..*)"
    r"|urllib\.request\.(?:urlopen|urlretrieve)|http\.client\.HTTPS?Connection\..*"
    r"|httpx2?\.(?:get|post|put|patch|delete|head|options|request|stream|Client\..*)"
    r"|subprocess\.(?:run|call|check_call|check_output|getoutput|getstatusoutput)|os\.(?:system|wait|waitpid)"
    r"|sqlite3\.connect.*|psycopg2\..*|psycopg\.(?:connect|Connection)\b.*|pymysql\..*|MySQLdb\..*|pymongo\..*"
    r"|redis\.(?:Redis|StrictRedis|from_url)\..*|boto3\..*|smtplib\.SMTP.*"
    r"|socket\.(?:create_connection|getaddrinfo|gethostbyname)|input"
    r"|bcrypt\.(?:hashpw|checkpw|kdf)|hashlib\.(?:scrypt|pbkdf2_hmac)"
    r"|argon2\.PasswordHasher\.(?:hash|verify)|passlib\.(?:context\.CryptContext|hash\.\w+)\.(?:hash|verify|encrypt)"
    r"|pwdlib\.PasswordHash\.(?:\w+\.)?(?:hash|verify|verify_and_update)"
    r"|sqlalchemy\.(?:orm\.)?(?:session\.)?(?:Session|sessionmaker|scoped_session)\.(?:execute|scalars?|query|get|get_one|"
    r"commit|flush|refresh|merge|delete|rollback|connection)"
    r"|sqlmodel\.Session\.(?:exec|execute|scalars?|query|get|commit|flush|refresh|merge|delete|rollback)"
    r"|sqlalchemy\.create_engine\.(?:connect|begin|raw_connection)"
    r"|(?:digit_model\.)(?:load(?:\.predict)?|Model\.predict)|(?:sklearn|joblib|onnxruntime|torch)\..*\.(?:predict|predict_proba|run)"
    r"|(?:joblib|torch|pickle)\.load"
)


@dataclass(frozen=True)
class Blocking:
    """A call that blocks, and how the loop comes to it: names of functions, the `async def` first."""

    path: str
    line: int
    what: str
    chain: tuple[str, ...]

    def place(self) -> CodeRef:
        """Where, and in words why."""
        first, *helpers = self.chain
        way = f", called by async def {first}" + "".join(f" through {name}()" for name in helpers) if helpers else ""
        inside = "" if helpers else f" in async def {first}"
        return code_ref(self.path, self.line, f"{self.what} blocks the event loop{inside}{way}", rule="blocking-call")


def blocking_calls(names: Names) -> list[Blocking]:
    """Each place once, by the shortest way that leads to it. What runs before the service is ready doesn't count.

    All ways are walked at the same time, so that each function is read once, however many lead to it.
    """
    starts = [f for f in names.functions.values() if f.is_async and not _runs_at_start(f)]
    waiting: deque[tuple[Defined, tuple[str, ...]]] = deque((f, (f.node.name,)) for f in starts)
    seen = {function.name for function in starts}
    found: dict[tuple[str, int], Blocking] = {}
    while waiting:
        function, chain = waiting.popleft()
        for call, called, what in _calls(names, function):
            if called is None:
                if _BLOCKING.fullmatch(what):
                    found.setdefault((function.path, call.lineno), Blocking(function.path, call.lineno, what, chain))
            # What is `async` is looked at for itself; calling a generator runs nothing yet.
            elif not called.is_async and called.name not in seen and len(chain) < _DEEPEST and not _yields(called):
                seen.add(called.name)
                waiting.append((called, (*chain, called.node.name)))
    return sorted(found.values(), key=lambda item: (item.path, item.line))


def _calls(names: Names, function: Defined) -> Iterator[tuple[ast.Call, Defined | None, str]]:
    """The calls in a function that aren't awaited: what is awaited gives the loop back, whatever its name looks like
    (a sessionmaker(class_=AsyncSession), say).
    """
    scope = names.scope(function)
    nodes = list(own_nodes(function.node))
    awaited = {id(call) for node in nodes for call in _awaited(node)}
    for node in nodes:
        if isinstance(node, ast.Call) and id(node) not in awaited:
            what = names.of(function.path, node.func, scope, function.owner)
            yield node, names.functions.get(what), what


def _awaited(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Await):
        yield node.value
    elif isinstance(node, ast.AsyncFor):
        yield node.iter
    elif isinstance(node, ast.AsyncWith):
        yield from (item.context_expr for item in node.items)


def _yields(function: Defined) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function.node))


def _runs_at_start(function: Defined) -> bool:
    """A lifespan, or a handler of start-up: nobody is served yet."""
    decorators = [ast.unparse(decorator) for decorator in function.node.decorator_list]
    if any("on_event" in text for text in decorators):
        return True
    arguments = function.node.args.args
    of_an_app = bool(arguments) and (
        arguments[0].arg in {"app", "_app", "_"}
        or "FastAPI" in ast.unparse(arguments[0].annotation or ast.Constant(""))
    )
    return of_an_app and any("contextmanager" in text for text in decorators)
