"""The style: contrast in light, dark and print."""

from __future__ import annotations

import re

import pytest

from tests.packaging.tree import ROOT

STYLE = (ROOT / "reports" / "report.css").read_text()
TEXTS = ("ink", "muted", "link", "pass", "fail", "partial", "blocked", "other")


def palettes() -> dict[str, dict[str, str]]:
    """The colours by scheme; dark and print lay theirs over the light ones."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    read = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block)) for block in blocks]
    light, dark, paper = read
    return {"light": light, "dark": light | dark, "print": light | paper}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_every_text_colour_is_readable_on_every_ground(scheme: str) -> None:
    colours = palettes()[scheme]
    poor = [
        (text, ground, round(contrast(colours[text], colours[ground]), 2))
        for text in TEXTS
        for ground in ("paper", "panel", "notice", "sunken")
        if contrast(colours[text], colours[ground]) < 4.5
    ]
    poor += [("ink", "was", 0.0)] if contrast(colours["ink"], colours["was"]) < 4.5 else []
    assert poor == []


def test_the_style_is_safe_inside_its_element() -> None:
    assert "</" not in STYLE
    assert "</" not in (ROOT / "reports" / "report.js").read_text()
