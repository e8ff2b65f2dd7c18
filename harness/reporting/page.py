"""Page: what every page of ours is made with. It loads nothing, and runs nothing but its own few lines of script."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.errors import HarnessFault
from harness.paths import data_root
from harness.reporting import views, words
from harness.reporting.marks import marked, pointed
from harness.reporting.reviews import agreed
from harness.reporting.text import clean, clip, one_line

# Where the rules of the linters are explained; a link to anywhere else would be a stranger's.
_RULE_HOSTS = {"docs.astral.sh", "mypy.readthedocs.io"}
_MOST_TEXT = 20_000


@dataclass(frozen=True)
class Assets:
    """The page's one style and one script, and the policy that allows just these two."""

    style: Markup
    script: Markup
    policy: str


def render(template: str, page: object, *, styles: tuple[str, ...], script: str) -> str:
    """A template of `reports/` with `page` in it, and the named style sheets and script inside.

    Raises:
        HarnessFault: this installation has no templates.
    """
    folder = data_root() / "reports"
    return _environment(folder).get_template(template).render(page=page, assets=_assets(folder, styles, script))


def compile_all() -> None:
    """Compile the templates, so that no page has to; where there are none, a page says so."""
    with suppress(HarnessFault):
        environment = _environment(data_root() / "reports")
        for name in environment.list_templates(extensions=["j2"]):
            environment.get_template(name)


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "line": one_line,
        "clip": lambda text, most=_MOST_TEXT: clip(text, most),
        "number": words.number,
        "percent": words.percent,
        "whole_percent": words.whole_percent,
        "moment": words.moment,
        "bytes": words.size,
        "rule_url": rule_url,
    }
    environment.globals |= {
        "words": words,
        "count": words.count,
        "thresholds": words.THRESHOLDS,
        "transcript": views.transcript,
        "marked": marked,
        "pointed": pointed,
        "agreed": agreed,
    }
    return environment


@cache
def _assets(folder: Path, styles: tuple[str, ...], name: str) -> Assets:
    style = "".join((folder / one).read_text("utf-8") for one in styles)
    script = (folder / name).read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return Assets(Markup(style), Markup(script), policy)  # noqa: S704 - files of ours, not of a submission


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _shown(value: object) -> object:
    """Every text that a template prints comes through here, so none can be forgotten."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def rule_url(url: str) -> str:
    """The address of a linter's rule, or nothing when it is any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    trusted = parts.scheme == "https" and parts.netloc in _RULE_HOSTS
    return url if trusted and clean(url) == url and not any(c.isspace() for c in url) else ""
