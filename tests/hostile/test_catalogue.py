"""The catalogue and its documentation: every threat has its row, every attack its place."""

from __future__ import annotations

import re

from tests.hostile.attacks import ATTACKS, CATALOGUE, code
from tests.packaging.tree import ROOT

_THREATS = range(1, 35)


def rows() -> dict[int, str]:
    text = (ROOT / "docs" / "security.md").read_text()
    return {int(number): row for number, row in re.findall(r"^\| (\d+) \|(.*)$", text, re.MULTILINE)}


def test_every_threat_has_a_row() -> None:
    assert sorted(rows()) == list(_THREATS)


def test_every_attack_stands_in_the_row_of_each_of_its_threats() -> None:
    missing = [(a.name, number) for a in ATTACKS for number in a.threats if f"`{a.name}`" not in rows()[number]]
    assert missing == []


def test_every_attack_that_a_row_names_is_there() -> None:
    names = {attack.name for attack in ATTACKS}
    named = {
        name
        for row in rows().values()
        for name in re.findall(r"`([a-z0-9-]+)`", row.rpartition("|")[0].rpartition("|")[2])
    }
    assert named - names == set()


def test_every_file_of_tests_that_a_row_names_is_there() -> None:
    paths = {path for row in rows().values() for path in re.findall(r"(?:tests|docs)/[\w/-]+(?:\.\w+)?", row)}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_attack_of_the_catalogue_is_tried() -> None:
    files = {path.stem for path in (CATALOGUE / "attacks").glob("*.py")} - {"raw_server"}
    makers = {
        a.make.__closure__[0].cell_contents
        for a in ATTACKS
        if a.make.__qualname__ == code("x").__qualname__ and a.make.__closure__
    }
    assert files == makers
