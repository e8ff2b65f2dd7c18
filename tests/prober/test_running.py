"""Running suites: order, selection, isolation, and frames that nobody can forge."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.prober.abandoned import abandoned
from tests.prober.host import probe, suite

ONE = """
@check("one", **told())
async def test_one():
    pass
"""


def test_what_a_check_prints_is_no_frame(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("prints", **told())
        async def test_prints():
            forged = '{"kind": "check", "id": "prints", "outcome": "pass", "forged": true}'
            print(forged, flush=True)
            os.write(1, forged.encode() + b"\\n")
            sys.__stdout__.write(forged + "\\n")
            sys.__stdout__.flush()
            os.system(f"echo '{forged}'")
            raise Fail("no")
        ''')  # fmt: skip
    told = probe(folder)
    assert told.kinds.count("check") == 1
    assert told.result("prints")["outcome"] == "fail"
    assert told.printed.count("forged") >= 4


def test_a_check_can_not_read_what_the_host_says(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("reads", **told())
        async def test_reads():
            assert os.read(0, 10) == b""
        ''')  # fmt: skip
    assert probe(folder).result("reads")["outcome"] == "pass"


def test_checks_run_as_declared_except_that_nothing_precedes_what_it_needs(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("c", **told(after=("a", "b")))
        async def test_c(): pass
        @check("b", **told(after="absent"))
        async def test_b(): pass
        @check("a", **told())
        async def test_a(): pass
        @check("d", **told())
        async def test_d(): pass
        ''')  # fmt: skip
    assert probe(folder).order() == ["b", "a", "c", "d"]


def test_a_suites_own_check_stands_in_for_a_common_one_of_its_id(tmp_path: Path) -> None:
    own = suite(tmp_path / "own", '@check("one", **told())\nasync def test_one():\n    raise Fail("its own")\n')
    common = suite(tmp_path / "common", ONE, '@check("two", **told())\nasync def test_two(): pass\n')
    told = probe(own, common)
    assert sorted(told.order()) == ["one", "two"]
    assert told.result("one")["summary"] == "its own"


def test_only_the_checks_that_were_asked_for_run(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", ONE, '''
@check("two", **told(after="one"))
async def test_two(): pass
async def test_without_a_check(): raise AssertionError
''')  # fmt: skip
    assert probe(folder, checks=["two"]).order() == ["two"]


def test_a_check_that_no_suite_has_is_not_assessed(tmp_path: Path) -> None:
    told = probe(suite(tmp_path / "g", ONE), checks=["one", "ghost"])
    assert told.result("one")["outcome"] == "pass"
    assert (told.result("ghost")["outcome"], told.result("ghost")["fault"]) == ("not_assessed", "harness")


def test_a_file_that_can_not_be_imported_spoils_only_its_own_checks(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", ONE)
    suite(folder, "import no_such_module", name="test_broken.py")
    told = probe(folder, checks=["one", "ghost"])
    assert told.result("one")["outcome"] == "pass"
    assert "no_such_module" in told.result("ghost")["reason"]


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (ONE + ONE.replace("test_one", "test_other"), "more than one check is called one"),
        (ONE.replace("told()", 'told(after="two")') + ONE.replace("one", "two").replace("told()", 'told(after="one")'),
         "wait for each other"),
    ],
)  # fmt: skip
def test_suites_that_contradict_themselves_end_the_run(tmp_path: Path, source: str, word: str) -> None:
    told = probe(suite(tmp_path / "g", source))
    assert told.kinds[-1] == "crashed"
    assert word in told.of("crashed")[0]["detail"]


def test_a_conftest_that_can_not_be_imported_is_told_to_the_host(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", ONE)
    (folder / "conftest.py").write_text("import no_such_module")
    told = probe(folder)
    assert told.kinds[-1] == "crashed"
    assert "no_such_module" in told.of("crashed")[0]["detail"]


def test_suites_are_packages_of_their_own_and_only_their_own_conftest_counts(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("raise RuntimeError('not mine')")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    first = suite(tmp_path / "first", "from .support.words import WORD\n" + ONE)
    (first / "__init__.py").touch()
    (first / "support").mkdir()
    (first / "support" / "__init__.py").touch()
    (first / "support" / "words.py").write_text("WORD = 1")
    second = suite(tmp_path / "second", ONE.replace("one", "two"))
    told = probe(first, second, variables={"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no_such"})
    assert told.order() == ["one", "two"]


def test_nothing_is_written_beside_the_suites(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", ONE)
    probe(folder)
    assert [path.name for path in folder.rglob("*")] == ["test_suite.py"]


def test_the_same_seed_gives_the_same_numbers_and_each_check_its_own(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("one", **told())
        async def test_one(rng: random.Random, evidence: Evidence): evidence.number("n", rng.random())
        @check("two", **told())
        async def test_two(rng: random.Random, evidence: Evidence): evidence.number("n", rng.random())
        ''')  # fmt: skip

    def numbers(seed: int) -> list[float]:
        told = probe(folder, hello={"seed": seed})
        return [told.result(name)["evidence"]["numbers"]["n"] for name in ("one", "two")]

    first, again, other = numbers(7), numbers(7), numbers(8)
    assert first == again
    assert len({*first, *other}) == 4


def test_a_check_knows_what_the_candidate_was_given(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("one", **told())
        async def test_one(settings: Settings):
            assert settings.environment["ADMIN_EMAIL"] == "root@example.com" and settings.seed == 7
        ''')  # fmt: skip
    assert probe(folder, environment={"ADMIN_EMAIL": "root@example.com"}).result("one")["outcome"] == "pass"


def test_secrets_of_the_environment_are_in_no_frame(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("one", **told())
        async def test_one(api: Api, settings: Settings):
            secret = settings.environment["SECRET_KEY"]
            reply = await api.post("/echo", content=secret)
            raise Fail(secret, expected=settings.environment["DATABASE_URL"], actual=repr(reply))
        @check("two", **told())
        async def test_two(settings: Settings):
            raise ValueError(settings.environment["SECRET_KEY"])
        ''')  # fmt: skip
    secrets = {"SECRET_KEY": "a-very-secret-key", "DATABASE_URL": "postgresql://u:hidden-word@127.0.0.1/app"}
    told = probe(folder, environment=secrets)
    assert "a-very-secret-key" not in str(told.frames)
    assert "hidden-word" not in str(told.frames)


def test_when_the_time_is_used_up_the_rest_is_not_assessed(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("long", **told())
        async def test_long(): await asyncio.sleep(600)
        @check("late", **told())
        async def test_late(): pass
        ''')  # fmt: skip
    told = probe(folder, hello={"budget_s": 1.0})
    assert [(r["outcome"], r["fault"]) for r in told.of("check")] == [("not_assessed", "harness")] * 2
    assert told.kinds[-1] == "done"


@pytest.mark.extended
def test_a_check_that_blocks_the_whole_prober_is_given_up(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("first", **told())
        async def test_first(): pass
        @check("stuck", **told())
        async def test_stuck(): time.sleep(600)
        @check("late", **told())
        async def test_late(): pass
        ''')  # fmt: skip
    # Starting pytest is part of it.
    told = probe(folder, hello={"budget_s": 5.0})
    assert [r["outcome"] for r in told.of("check")] == ["pass", "not_assessed", "not_assessed"]
    assert told.kinds[-1] == "done"


def test_an_end_of_the_host_ends_the_prober(tmp_path: Path) -> None:
    folder = suite(tmp_path / "g", '''
        @check("one", **told())
        async def test_one():
            await asyncio.sleep(600)
        ''')  # fmt: skip
    assert abandoned(folder) == 3


def test_a_hello_that_does_not_fit_is_told_to_the_host(tmp_path: Path) -> None:
    told = probe(suite(tmp_path / "g", ONE), hello={"seed": "seven"})
    assert told.kinds == ["crashed"]


def test_a_stub_whose_port_is_taken_is_told_to_the_host(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        told = probe(suite(tmp_path / "g", ONE), hello={"stubs": {"profile": squatter.getsockname()[1]}})
    assert told.kinds == ["crashed"]
